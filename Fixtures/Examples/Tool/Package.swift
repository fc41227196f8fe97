// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "Tool",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "HeadSteer", path: "../../.."),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    ],
    targets: [
        .executableTarget(
            name: "steer",
            dependencies: [
                .product(name: "HeadSteer", package: "HeadSteer"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ])
    ]
)
