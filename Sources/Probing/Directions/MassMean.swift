/// mean(true) − mean(false), exactly zero when the means differ by no more than rounding.
func massMeanDirection(_ means: ClassMeans) -> [Double] {
    let difference = zip(means.ofTrue, means.ofFalse).map { $0 - $1 }
    let norm = dot(difference, difference).squareRoot()
    return norm > means.rootMeanSquare * 1e-12 ? difference : difference.map { _ in 0 }
}
