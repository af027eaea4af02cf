"""Every check of every probe: a failure planted for it, and honest cases that it must let pass."""
