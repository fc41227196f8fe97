import ArgumentParser
import Intervention

/// Heads as they are written on the command line, `12.8,3.1`, or whole sites, `residual-post.12`.
struct TargetList: ExpressibleByArgument {
    let targets: [EditTarget]

    init?(argument: String) {
        var targets: [EditTarget] = []
        for part in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard let target = EditTarget(part.filter { $0 != " " }) else { return nil }
            targets.append(target)
        }
        self.targets = targets
    }
}
