import ArgumentParser
import ChatTemplating
import DataFiles
import Tokenization

/// What a chat template is told besides the messages, for commands that can use one.
struct TemplateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The date that the chat template is told (default: today). It is recorded in what is written.",
            valueName: "YYYY-MM-DD"))
    var date: CalendarDate?

    @Option(
        name: .customLong("template-variable"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            "A variable for the chat template, as JSON or else as text: enable_thinking=false. Repeatable.",
            valueName: "name=value"))
    var variables: [TemplateVariable] = []

    func validate() throws {
        var names: Set<String> = []
        for name in variables.map(\.name) {
            guard names.insert(name).inserted else {
                throw ValidationError("--template-variable gives \(name) twice; give it once")
            }
            guard name != "messages" else {
                throw ValidationError("--template-variable gives messages; these are the conversation itself")
            }
        }
    }

    /// The settings, with the date that counts.
    var settings: ChatTemplateSettings {
        var settings = ChatTemplateSettings(date: date ?? .today)
        for variable in variables { settings.variables[variable.name] = variable.value }
        return settings
    }

    /// One of the options that are given; nil for none.
    var given: String? { date != nil ? "--date" : variables.isEmpty ? nil : "--template-variable" }

    /// Makes sure that the options don't go unheeded.
    ///
    /// - Parameter isUsed: whether a template is used at all.
    func requireUse(_ isUsed: Bool) throws {
        guard !isUsed, let given else { return }
        throw ValidationError("\(given) without a chat template that it is for; give --chat too, or leave it out")
    }
}

/// `NAME=VALUE`: a variable of a chat template.
struct TemplateVariable: ExpressibleByArgument {
    let name: String
    let value: TemplateValue

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else { return nil }
        let name = String(argument[..<equals])
        guard
            name.unicodeScalars.allSatisfy({
                $0 == "_" || $0.properties.isAlphabetic || $0.properties.numericType != nil
            })
        else { return nil }
        self.name = name
        value = TemplateValue(written: String(argument[argument.index(after: equals)...]))
    }
}

extension CalendarDate: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension ChatTemplateSettings {
    /// What reports tell of the settings.
    var facts: [(term: String, text: String)] {
        let fields = provenance
        return [("date", "date"), ("template variables", "templateVariables")].compactMap { term, key in
            // No variables are nothing to tell.
            fields[key].flatMap { $0 == "{}" ? nil : (term, $0) }
        }
    }
}

extension ChatFormatter {
    /// Says of each variable that the template doesn't read that it changes nothing.
    func warnOfUnreadVariables(_ console: Console) {
        for name in unreadVariables {
            let nearest = NearestNames.find(name, among: templateNames.sorted()).first.map { "; the nearest is \($0)" }
            console.warning("the chat template reads no variable \(name)\(nearest ?? "")")
        }
    }
}
