import DataFiles

extension Site {
    /// The site with that name, in TransformerLens's or Hugging Face's spelling.
    ///
    /// - Throws: `InputError` of the kind `.usage` that lists the nearest known names.
    public init(name: String, configuration: ModelConfiguration) throws {
        let sites = Site.all(configuration)
        if let site = sites.first(where: {
            $0.transformerLensName == name || $0.huggingFaceName(in: configuration) == name
        }) {
            self = site
            return
        }
        let names = sites.flatMap { [$0.transformerLensName, $0.huggingFaceName(in: configuration)] }
        let nearest = NearestNames.find(name, among: names, count: 3)
        throw InputError.usage("no site named \(name)", remedy: "the nearest are \(nearest.joined(separator: ", "))")
    }
}
