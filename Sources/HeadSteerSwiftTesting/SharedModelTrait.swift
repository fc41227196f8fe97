import DataFiles
@_exported import HeadSteerTesting
import Opening
import Testing

/// Gives tests of Swift Testing a model that all tests of the process share.
///
/// ```swift
/// @Suite(.model(.planted)) struct MoodTests {
///     @Test func effect() throws {
///         let effect = try TextModel.shared.effect(of: edits, on: contrasts)
///         let finding = Finding("head 2.1", effect, .above(0.5))
///         #expect(finding.holds, "\(finding)")
///     }
/// }
/// ```
public struct SharedModelTrait: SuiteTrait, TestTrait, TestScoping {
    let model: SharedModel

    /// Suites within a suite share its model.
    public var isRecursive: Bool { true }

    /// Skips a test whose model isn't there, and says what brings it.
    public func prepare(for test: Test) async throws {
        guard let reason = model.reasonToSkip else { return }
        try await ConditionTrait.enabled(if: false, Comment(rawValue: reason)).prepare(for: test)
    }

    public func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        try await SharedModel.$current.withValue(model.open(), operation: function)
    }
}

extension Trait where Self == SharedModelTrait {
    /// Opens the model once, for all tests that have the trait; where it isn't there they skip.
    public static func model(_ model: SharedModel) -> SharedModelTrait { SharedModelTrait(model: model) }
}

extension TextModel {
    /// The model of the test that runs, which its trait names.
    ///
    /// - Throws: `InputError` outside a test with the trait.
    public static var shared: TextModel {
        get throws {
            guard let model = SharedModel.current else {
                throw InputError.usage("no shared model", remedy: "give the suite or the test the trait .model(…)")
            }
            return model
        }
    }
}
