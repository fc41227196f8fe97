// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "Experiments",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "HeadSteer", path: "../../..")],
    targets: [
        .testTarget(
            name: "MoodTests",
            dependencies: [
                .product(name: "HeadSteer", package: "HeadSteer"),
                .product(name: "HeadSteerXCTest", package: "HeadSteer"),
            ])
    ]
)
