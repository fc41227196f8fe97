// swift-tools-version: 6.2

import PackageDescription

// MARK: - Settings

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny")
]

/// A library target and its test target: `Sources/NAME` and `Tests/NAMETests`.
///
/// - Parameter support: further dependencies of the tests.
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

/// The library's modules, from the most basic one on, each after those that it uses.
///
/// They cover files and figures, tensors, the model, texts and tasks, findings, work with them, studies and documents.
let libraryTargets: [Target] = [
    module("DataFiles"),
    module("Statistics", ["DataFiles"]),
    module("ChatTemplating", [orderedCollections]),
    module("Reporting", ["DataFiles"]),
    module("Sharding", ["DataFiles"]),

    module("TensorCore", ["COpenBLAS", "CWeightKernels", "DataFiles"]),
    module("Sealing", ["DataFiles", crypto]),
    module("Checkpoints", ["DataFiles", "TensorCore", "Sealing", crypto]),
    module("Signing", ["DataFiles", "TensorCore", "Checkpoints", crypto]),

    module("Tokenization", ["DataFiles", "Checkpoints", "ChatTemplating", orderedCollections, heaps]),
    module("Transformer", ["DataFiles", "TensorCore", "Checkpoints"]),

    module("Gradients", ["DataFiles", "TensorCore", "Transformer"], support: ["Checkpoints"]),

    module("Opening", ["DataFiles", "TensorCore", "Sealing", "Checkpoints", "Tokenization", "Transformer"]),
    module("Generation", ["DataFiles", "TensorCore", "Tokenization", "Transformer", "Opening"]),
    module("DataSets", ["DataFiles", "Statistics", "Tokenization"]),
    module(
        "Tasks", ["DataFiles", "Statistics", "TensorCore", "Tokenization", "Transformer", "Generation", "DataSets"],
        support: ["Directions", "HeadSteerTesting"]),

    module(
        "Directions",
        ["DataFiles", "Statistics", "TensorCore", "Checkpoints", "Tokenization", "Transformer", "Opening", "DataSets"]),
    module("Probing", ["DataFiles", "Statistics", "TensorCore", "Checkpoints", "Transformer", "Directions"]),
    module(
        "Intervention", ["DataFiles", "TensorCore", "Tokenization", "Transformer", "Directions"],
        support: ["Checkpoints", "Statistics", "HeadSteerTesting"]),

    module(
        "LearnedEdits",
        [
            "DataFiles", "Statistics", "TensorCore", "Tokenization", "Transformer", "Gradients", "Opening", "DataSets",
            "Tasks", "Directions", "Intervention",
        ], support: ["HeadSteerTesting"]),

    module(
        "Monitoring",
        [
            "DataFiles", "Statistics", "TensorCore", "Checkpoints", "Tokenization", "Transformer", "Generation",
            "DataSets", "Directions", "Probing", "Intervention",
        ], support: ["HeadSteerTesting"]),

    module(
        "Interchange", ["DataFiles", "TensorCore", "Checkpoints", "Transformer", "Directions"],
        support: ["Intervention", "HeadSteerTesting"]),
    module(
        "Attribution", ["DataFiles", "Statistics", "TensorCore", "Transformer", "Gradients", "Tasks"],
        support: ["CausalSearch", "DataSets", "Directions", "Tokenization", "HeadSteerTesting"]),
    module(
        "CausalSearch",
        [
            "DataFiles", "Statistics", "TensorCore", "Tokenization", "Transformer", "Opening", "Generation", "DataSets",
            "Tasks", "Directions", "Probing", "Intervention", "Attribution",
        ], support: ["Checkpoints", "HeadSteerTesting"]),
    module(
        "Evaluation",
        [
            "DataFiles", "Statistics", "TensorCore", "Tokenization", "Transformer", "DataSets", "Tasks", "Directions",
            "Intervention",
        ], support: ["HeadSteerTesting"]),

    module(
        "ModelComparison",
        [
            "DataFiles", "Statistics", "TensorCore", "Checkpoints", "Tokenization", "Transformer", "DataSets", "Tasks",
            "Directions", "Intervention",
        ], support: ["Probing", "Interchange", "HeadSteerTesting"]),
    module(
        "Guarding",
        [
            "DataFiles", "TensorCore", "Tokenization", "Transformer", "Generation", "Tasks", "Probing", "Evaluation",
            "Monitoring",
        ], support: ["Directions", "HeadSteerTesting"]),
    module(
        "Evidence",
        [
            "DataFiles", "Statistics", "TensorCore", "Tokenization", "Transformer", "DataSets", "Tasks", "Directions",
            "CausalSearch", "Evaluation",
        ], support: ["Documents", "HeadSteerTesting"]),
    module(
        "Auditing",
        [
            "DataFiles", "Statistics", "TensorCore", "Tokenization", "Transformer", "DataSets", "Tasks", "Directions",
            "Intervention", "CausalSearch", "Evaluation", "Evidence", "Monitoring",
        ], support: ["Checkpoints", "HeadSteerTesting"]),
    module(
        "Documents",
        [
            "DataFiles", "Statistics", "Reporting", "Transformer", "Tasks", "Probing", "LearnedEdits", "CausalSearch",
            "Evaluation", "Evidence", "Auditing", "ModelComparison",
        ]),
    module(
        "Viewing",
        [
            "DataFiles", "Statistics", "Reporting", "TensorCore", "Checkpoints", "Tokenization", "Transformer",
            "DataSets", "Tasks", "Directions", "Probing", "Intervention", "CausalSearch", "Evaluation", crypto,
        ], support: ["HeadSteerTesting"]),
].flatMap { $0 }

/// The modules that `HeadSteer` re-exports.
///
/// Targets that use these modules through it must depend on them as well. Otherwise SwiftPM doesn't rebuild the targets
/// when one of the modules changes.
let modules: [Target.Dependency] = libraryTargets.filter { $0.type == .regular }.map { .byName(name: $0.name) }

let umbrella: [Target] = [
    .target(name: "HeadSteer", dependencies: modules, swiftSettings: swiftSettings),
    .testTarget(
        name: "HeadSteerTests", dependencies: ["HeadSteer", "_TestSupport"] + modules, swiftSettings: swiftSettings),
]

/// Certificates have a separate module and product, so that signing and verifying with keys needs none of their
/// dependencies.
let certificateTargets = module(
    "SigningCertificates",
    [
        "DataFiles", "Signing", crypto, .product(name: "X509", package: "swift-certificates"),
        .product(name: "SwiftASN1", package: "swift-asn1"),
    ])

/// The library modules that the targets for experiments depend on.
let testingModules: [Target.Dependency] = [
    "DataFiles", "Statistics", "TensorCore", "Checkpoints", "Tokenization", "Transformer", "Opening", "Generation",
    "DataSets", "Tasks", "Directions", "Probing",
]

/// The programs.
///
/// `HeadSteerCommand` is the product `headsteer`: a target with that name would collide with the library's on file
/// systems that ignore case.
let programs: [Target] = [
    .executableTarget(
        name: "HeadSteerCommand",
        dependencies: ["HeadSteer", "SigningCertificates", "CLostFiles", argumentParser, crypto] + modules,
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
        name: "PlantedModelTool", dependencies: ["DataFiles", "HeadSteerTesting", argumentParser],
        swiftSettings: swiftSettings),
    .executableTarget(
        name: "ReaderFuzzer",
        dependencies: [
            "DataFiles", "ChatTemplating", "Reporting", "Sharding", "TensorCore", "Checkpoints", "Tokenization",
            "Transformer", "DataSets", "Tasks", "Directions", "Probing", "Intervention", "LearnedEdits", "Monitoring",
            "Interchange", "CausalSearch", "Guarding", "Evidence", "Auditing", "Documents", "Viewing", "Sealing",
            "Signing", "SigningCertificates",
            argumentParser, orderedCollections,
        ], swiftSettings: swiftSettings),
]

/// The targets for experiments in other packages, outside the umbrella so that programs don't include them.
let testing: [Target] = [
    .target(name: "Tolerances", dependencies: ["DataFiles"], swiftSettings: swiftSettings),
    .target(
        name: "HeadSteerTesting", dependencies: ["Tolerances", crypto] + testingModules, swiftSettings: swiftSettings),
    .target(
        name: "HeadSteerXCTest", dependencies: ["HeadSteerTesting"] + testingModules, swiftSettings: swiftSettings),
    .target(
        name: "HeadSteerSwiftTesting", dependencies: ["HeadSteerTesting", "DataFiles", "Opening"],
        swiftSettings: swiftSettings),
    .testTarget(
        name: "HeadSteerTestingTests",
        dependencies: ["HeadSteerTesting", "HeadSteerXCTest", "HeadSteerSwiftTesting", "_TestSupport"] + testingModules,
        swiftSettings: swiftSettings),
    .target(
        name: "_TestSupport", dependencies: ["Tolerances"], path: "Tests/_TestSupport", swiftSettings: swiftSettings),
]

// MARK: - Package

let package = Package(
    name: "HeadSteer",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "HeadSteer", targets: ["HeadSteer"]),
        .library(name: "SigningCertificates", targets: ["SigningCertificates"]),
        .library(name: "HeadSteerTesting", targets: ["HeadSteerTesting"]),
        .library(name: "HeadSteerXCTest", targets: ["HeadSteerXCTest"]),
        .library(name: "HeadSteerSwiftTesting", targets: ["HeadSteerSwiftTesting"]),
        .executable(name: "headsteer", targets: ["HeadSteerCommand"]),
        .executable(name: "headsteer-bench", targets: ["HeadSteerBench"]),
        .executable(name: "plant-model", targets: ["PlantedModelTool"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
        .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    ],
    targets: cTargets + libraryTargets + umbrella + certificateTargets + programs + testing
)
