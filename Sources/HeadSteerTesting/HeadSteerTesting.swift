/// What experiments and tests need whatever runs them: planted models whose workings are known, models that are opened once,
/// tolerances, figures with intervals and what is expected of them, manifests and artefacts of runs.
@_exported import Tolerances
