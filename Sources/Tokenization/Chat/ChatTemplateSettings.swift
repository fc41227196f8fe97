import ChatTemplating
import DataFiles
import Foundation
import OrderedCollections

/// The settings for a chat template, apart from the messages.
///
/// The same messages and settings give the same prompt on any day.
public struct ChatTemplateSettings: Sendable, Equatable {
    /// The date that templates write (`strftime_now`); nil for the day on which a `ChatFormatter` is made.
    ///
    /// The time of day is always midnight, so the date alone determines what is written.
    public var date: CalendarDate?
    /// Variables for the template (`tools`, `enable_thinking`, …).
    ///
    /// They replace the default variables, but not the messages.
    public var variables: OrderedDictionary<String, TemplateValue>

    /// Creates settings, by default with the current date and no variables beyond those that every template gets.
    public init(date: CalendarDate? = nil, variables: OrderedDictionary<String, TemplateValue> = [:]) {
        self.date = date
        self.variables = variables
    }
}

/// Encodes the fields `date` and `templateVariables`, for results that were made with a template.
extension ChatTemplateSettings: Encodable {
    private enum Key: String, CodingKey { case date, templateVariables }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encodeIfPresent(date?.description, forKey: .date)
        try container.encode(TemplateValue.dictionary(variables), forKey: .templateVariables)
    }

    /// The same fields as strings, for the metadata of files; the variables are JSON text.
    public var provenance: [String: String] {
        let encoder = JSONEncoder.oneLine
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        // Nothing in a value can make this encoder throw: its strings, numbers and nesting came from JSON or from code.
        let json = (try? encoder.encode(TemplateValue.dictionary(variables))) ?? Data()
        var fields = ["templateVariables": String(decoding: json, as: UTF8.self)]
        fields["date"] = date?.description
        return fields
    }
}
