import DataFiles
@_exported import HeadSteerTesting
import Opening
import Testing

/// Gives tests in Swift Testing a model that all tests in the process share.
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

    /// Whether suites within a suite share its model, which they do.
    public var isRecursive: Bool { true }

    /// Skips a test whose model doesn't exist, with a message that says how to get it.
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
    /// Opens the model once for all tests with the trait; if it doesn't exist, they are skipped.
    public static func model(_ model: SharedModel) -> SharedModelTrait { SharedModelTrait(model: model) }
}

extension TextModel {
    /// The model of the running test, as given by its trait.
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
