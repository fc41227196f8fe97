import ArgumentParser
import Sharding

/// The option for the share of the work that is done here.
struct ShardOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            Do only share I of N of the work, I from 1. --out is then the shard's folder; merge puts all shards \
            together.
            """, valueName: "i/n"))
    var shard: Shard?
}

extension Shard: ExpressibleByArgument {}
