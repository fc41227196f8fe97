extension SiteKind {
    /// The name of the site in files and options: `z`, `residual-post`, `mlp-out`.
    public var fileName: String {
        "\(self)".reduce(into: "") { $0 += $1.isUppercase ? "-\($1.lowercased())" : String($1) }
    }

    /// The site with that name.
    public init?(fileName: String) {
        guard let kind = SiteKind.allCases.first(where: { $0.fileName == fileName }) else { return nil }
        self = kind
    }
}
