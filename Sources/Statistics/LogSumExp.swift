import Foundation

/// ln Σ exp(x), without overflow, summed in double precision; −∞ for no values.
package func logSumExp(_ values: some Collection<Double>) -> Double {
    guard let largest = values.max(), largest > -.infinity else { return -.infinity }
    return largest + log(values.reduce(0) { $0 + exp($1 - largest) })
}
