// swift-tools-version: 6.2

import PackageDescription

// MARK: - Settings

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny")
]

/// A library target and the test target beside it: `Sources/NAME` and `Tests/NAMETests`.
///
/// - Parameter support: what the tests use besides.
func module(
    _ name: String, _ dependencies: [Target.Dependency] = [], support: [Target.Dependency] = []
) -> [Target] {
    [
        .target(name: name, dependencies: dependencies, swiftSettings: swiftSettings),
        .testTarget(
            name: "\(name)Tests",
            dependencies: [.byName(name: name), "_TestSupport"] + dependencies + support,
            swiftSettings: swiftSettings),
    ]
}

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let orderedCollections = Target.Dependency.product(name: "OrderedCollections", package: "swift-collections")
let heaps = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")

// MARK: - Targets

/// C libraries: the system's BLAS and LAPACKE, our kernels for quantised weights, and a signal handler.
let cTargets: [Target] = [
    .systemLibrary(
        name: "COpenBLAS",
        pkgConfig: "openblas lapacke",
        providers: [.apt(["libopenblas-dev", "liblapacke-dev"]), .brew(["openblas", "lapack"])]),
    .target(name: "CWeightKernels"),
    .target(name: "CLostFiles"),
]

/// What every module on top of the runtime builds on.
let runtime: [Target.Dependency] = [
    "DataFiles", "TensorCore", "Checkpoints", "Tokenization", "Transformer", "Generation", "Probing",
]

/// The library, in the order in which data flows through it.
let libraryTargets: [Target] = [
    module("DataFiles"),
    module("TensorCore", ["COpenBLAS", "CWeightKernels", "DataFiles"]),
    module("Checkpoints", ["DataFiles", "TensorCore", crypto]),
    module("ChatTemplating", [orderedCollections]),
    module("Tokenization", ["DataFiles", "Checkpoints", "ChatTemplating", orderedCollections, heaps]),
    module("Transformer", ["DataFiles", "TensorCore", "Checkpoints"]),
    module("Generation", ["DataFiles", "TensorCore", "Tokenization", "Transformer"]),
    module("Probing", ["DataFiles", "TensorCore", "Checkpoints", "Tokenization", "Transformer"]),
    module("Reporting", ["DataFiles"]),
    module("Intervention", runtime, support: ["_PlantedModel"]),
    module("Interchange", runtime + ["Intervention"], support: ["_PlantedModel"]),
    module("Evaluation", runtime + ["Intervention", "Reporting"], support: ["_PlantedModel"]),
    module("CausalSearch", runtime + ["Intervention", "Evaluation"], support: ["_PlantedModel"]),
    module(
        "Evidence", runtime + ["Intervention", "Evaluation", "CausalSearch", "Reporting"], support: ["_PlantedModel"]),
].flatMap { $0 }

/// The modules that `HeadSteer` brings along. Who uses them through it names them too, so that SwiftPM builds it anew when
/// one of them changes.
let modules: [Target.Dependency] = libraryTargets.filter { $0.type == .regular }.map { .byName(name: $0.name) }

let umbrella: [Target] = [
    .target(name: "HeadSteer", dependencies: modules, swiftSettings: swiftSettings),
    .testTarget(
        name: "HeadSteerTests", dependencies: ["HeadSteer", "_TestSupport"] + modules, swiftSettings: swiftSettings),
]

/// Programs. `HeadSteerCommand` is the product `headsteer`: a target of that name would collide with the library's
/// on file systems that ignore case.
let programs: [Target] = [
    .executableTarget(
        name: "HeadSteerCommand", dependencies: ["HeadSteer", "CLostFiles", argumentParser, crypto] + modules,
        swiftSettings: swiftSettings),
    .testTarget(
        name: "HeadSteerCommandTests", dependencies: ["HeadSteerCommand", "HeadSteer", "_TestSupport"] + modules,
        swiftSettings: swiftSettings),
    .executableTarget(
        name: "HeadSteerBench", dependencies: ["HeadSteer", argumentParser] + modules, swiftSettings: swiftSettings),
    .testTarget(
        name: "HeadSteerBenchTests", dependencies: ["HeadSteerBench", "_TestSupport"] + modules,
        swiftSettings: swiftSettings),
    .executableTarget(
        name: "PlantedModelTool", dependencies: ["DataFiles", "TensorCore", "Checkpoints", argumentParser],
        swiftSettings: swiftSettings),
    .target(name: "_TestSupport", path: "Tests/_TestSupport", swiftSettings: swiftSettings),
    .target(
        name: "_PlantedModel", dependencies: runtime + ["Evaluation", "_TestSupport"], path: "Tests/_PlantedModel",
        swiftSettings: swiftSettings),
]

// MARK: - Package

let package = Package(
    name: "HeadSteer",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "HeadSteer", targets: ["HeadSteer"]),
        .executable(name: "headsteer", targets: ["HeadSteerCommand"]),
        .executable(name: "headsteer-bench", targets: ["HeadSteerBench"]),
        .executable(name: "plant-model", targets: ["PlantedModelTool"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    ],
    targets: cTargets + libraryTargets + umbrella + programs
)
