"""Which generated file holds a name, room by room."""

# Written by scripts/generate.py from the catalog: change the C++ options, then `make generate`.

INDEX: dict[str, dict[str, str]] = {
    "attribution": {"IntegratedGradients": "_generated_torch", "Saliency": "_generated_torch"},
    "cost": {"Latency": "_generated"},
    "engine": {"Attach": "_generated"},
    "explain": {"PermutationImportance": "_generated"},
    "inside": {"LinearProbe": "_generated"},
    "metrics": {
        "Accuracy": "_generated",
        "BalancedAccuracy": "_generated",
        "Brier": "_generated",
        "ConfusionMatrix": "_generated",
        "F1": "_generated",
        "LogLoss": "_generated",
        "Precision": "_generated",
        "Recall": "_generated",
        "Task": "_generated",
        "TopKAccuracy": "_generated",
        "accuracy": "_generated",
        "balanced_accuracy": "_generated",
        "brier": "_generated",
        "confusion_matrix": "_generated",
        "f1": "_generated",
        "log_loss": "_generated",
        "precision": "_generated",
        "recall": "_generated",
        "top_k_accuracy": "_generated",
    },
    "ood": {"Energy": "_generated", "Mahalanobis": "_generated"},
    "robustness": {
        "Fgsm": "_generated_torch",
        "GaussianNoise": "_generated",
        "Pgd": "_generated_torch",
        "Threat": "_generated_torch",
    },
    "uncertainty": {
        "Calibration": "_generated",
        "ExpectedCalibrationError": "_generated",
        "MaximumCalibrationError": "_generated",
        "expected_calibration_error": "_generated",
        "maximum_calibration_error": "_generated",
    },
}
