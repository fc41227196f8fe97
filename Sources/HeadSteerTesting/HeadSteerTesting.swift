/// Tools for experiments and tests, independent of the test framework.
///
/// They include planted models whose workings are known, models that are opened once, tolerances, figures with
/// intervals and expectations, and manifests and artefacts of runs.
@_exported import Tolerances
