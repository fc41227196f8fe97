// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "Service",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "HeadSteer", path: "../../.."),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    ],
    targets: [
        .executableTarget(
            name: "Service",
            dependencies: [
                .product(name: "HeadSteer", package: "HeadSteer"),
                .product(name: "Hummingbird", package: "hummingbird"),
            ])
    ]
)
