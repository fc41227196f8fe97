// swift-tools-version: 6.2

import PackageDescription

let package = Package(
    name: "Script",
    platforms: [.macOS(.v15)],
    dependencies: [.package(name: "HeadSteer", path: "../../..")],
    targets: [
        .executableTarget(name: "Script", dependencies: [.product(name: "HeadSteer", package: "HeadSteer")])
    ]
)
