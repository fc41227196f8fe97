import Foundation

/// A script that runs a command's shards as an array job of Slurm, or on one machine.
struct SlurmScript {
    /// The command and its arguments, without where it writes.
    let command: [String]
    /// N, the number of shards.
    let shards: Int
    /// The path of the script.
    let script: URL
    /// The folder for the results.
    let results: String
    /// The number of threads of a shard.
    let threads: Int

    /// The line that runs the script on one machine.
    var onOneMachine: String {
        let run = "bash \(ShellWord.path(script))"
        return "seq \(shards) | THREADS=\(threads) parallel --jobs 2 --halt soon,fail=1 \(run) && \(run) merge"
    }

    var text: String {
        let path = script.standardizedFileURL.path(percentEncoded: false)
        let name = ShellWord.path(script)
        return """
            #!/usr/bin/env bash
            # headsteer \(command[0]) in \(shards) shards: each does a share of the work, and merge puts them together,
            # with the same bytes as one run. Written by \(Version.text); read it, and change what your cluster needs.
            #
            # On Slurm:
            #   bash \(name) submit     the array, and merge when all of it is done
            #   sbatch \(name)          the array alone
            #
            # On one machine, with GNU parallel two at a time with \(threads == 1 ? "a thread" : "\(threads) threads") each:
            #   \(onOneMachine)
            #
            # By hand:
            #   bash \(name) 1          the first shard
            #   bash \(name) merge      merge, after all of them
            #
            # A killed shard continues after its last finished part when it is started again.
            #
            #SBATCH --job-name=headsteer-\(command[0])
            #SBATCH --array=1-\(shards)
            #SBATCH --cpus-per-task=\(threads)
            #SBATCH --requeue
            #SBATCH --open-mode=append
            #SBATCH --signal=B:USR1@90
            #SBATCH --output=\(Self.log(path, "%a"))
            #
            # Remove one # from a line to use it. Memory: the model's file and 1 GB. For at most four shards at a time,
            # write 1-\(shards)%4 in --array.
            ##SBATCH --time=04:00:00
            ##SBATCH --mem=16G
            ##SBATCH --partition=cpu

            set -u
            cd \(ShellWord.path(FileManager.default.currentDirectoryPath)) || exit 66

            headsteer=\(ShellWord.program)
            script=\(ShellWord.path(path))
            shards=\(shards)
            results=\(ShellWord.path(results))
            command=(
            \(command.map { "    \(ShellWord.path($0))" }.joined(separator: "\n"))
            )
            threads=${SLURM_CPUS_PER_TASK:-${THREADS:-}}

            # Exit status 75: the shard was asked to stop, and its finished parts are kept.
            shard() {
                local index=$1 child= status signalled= time_is_up=
                # Slurm tells this script alone that the time is nearly up.
                trap 'signalled=1 time_is_up=1; [ -z "$child" ] || kill -USR1 "$child" 2>/dev/null' USR1
                trap 'signalled=1; [ -z "$child" ] || kill -TERM "$child" 2>/dev/null' TERM INT
                "$headsteer" "${command[@]}" --shard "$index/$shards" --out "$results.shards/$index" \\
                    ${threads:+--threads "$threads"} &
                child=$!
                [ -z "$signalled" ] || kill -TERM "$child"
                while :; do
                    signalled=
                    wait "$child"
                    status=$?
                    # A signal ends the wait, not the shard.
                    [ -n "$signalled" ] || break
                done
                if [ -n "${SLURM_ARRAY_JOB_ID:-}" ]; then
                    # The time is up, or the shard was killed: then three times at most, as it may be killed again.
                    if { [ -n "$time_is_up" ] && [ "$status" -eq 75 ]; } ||
                        { [ "$status" -eq 137 ] && [ "${SLURM_RESTART_COUNT:-0}" -lt 3 ]; }; then
                        scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
                    fi
                fi
                return "$status"
            }

            merge() {
                local folders=() index
                for ((index = 1; index <= shards; index++)); do folders+=("$results.shards/$index"); done
                "$headsteer" merge "${folders[@]}" --out "$results" ${threads:+--threads "$threads"}
            }

            submit() {
                local array
                array=$(sbatch --parsable "$script") || return
                sbatch --dependency="afterok:${array%%;*}" --job-name=headsteer-merge --cpus-per-task=\(threads) --requeue \\
                    --open-mode=append --output=\(ShellWord.path(Self.unquotedLog(path, "merge"))) \\
                    --wrap "bash $(printf %q "$script") merge"
            }

            case "${1:-${SLURM_ARRAY_TASK_ID:-}}" in
                submit) submit ;;
                merge) merge ;;
                '' | *[!0-9]*)
                    echo "usage: bash $script submit | merge | 1 to $shards" >&2
                    exit 64
                    ;;
                *) shard "${1:-${SLURM_ARRAY_TASK_ID:-}}" ;;
            esac

            """
    }

    /// The path of a log beside the script, as sbatch reads it: `%%` is a per cent sign.
    private static func unquotedLog(_ script: String, _ name: String) -> String {
        let url = URL(filePath: script)
        let base = url.pathExtension.isEmpty ? url : url.deletingPathExtension()
        return base.path(percentEncoded: false).replacing("%", with: "%%") + "-\(name).log"
    }

    private static func log(_ script: String, _ name: String) -> String {
        let log = unquotedLog(script, name)
        return log.contains(where: \.isWhitespace) ? "\"\(log)\"" : log
    }
}
