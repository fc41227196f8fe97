import DataFiles
import Directions
import Transformer

/// Labelled activations of a model that a plan's directions are compared with.
///
/// On the texts that a direction was fitted to, it is fitted again. The check `data direction of T` requires a signed
/// cosine of 0.999, and `data sigma of T` requires σ to within 1 %. On other texts, texts with the label have to lie
/// further along the direction than texts without it. In both cases, the direction must not be that of another head,
/// and its values must not be in another program's order.
public struct DirectionCheck: Sendable {
    /// The activations on the same texts, for each site that the plan edits.
    public var activations: [SiteKind: LabelledActivations]
    /// The digest of the texts' tokens, `sha256:…`, as in ``PlanRecord/source``; nil if it isn't known.
    public var tokensSHA256: String?
    /// Where the texts were read, as written in files: `last`.
    public var positions: String

    /// Makes a check from activations; without a digest, the texts count as other texts than those of the fit.
    public init(
        activations: [SiteKind: LabelledActivations], tokensSHA256: String? = nil, positions: String = "last"
    ) {
        self.activations = activations
        self.tokensSHA256 = tokensSHA256
        self.positions = positions
    }

    /// The checks of a plan's directions.
    ///
    /// - Throws: `InputError` if the activations have another shape; what ``LoadedPlan/edits(_:)`` throws.
    func checks(_ plan: LoadedPlan, _ c: ModelConfiguration) throws -> [PlanVerification.Check] {
        var seen: Set<EditTarget> = []
        var checks: [PlanVerification.Check] = []
        for (index, edit) in plan.plan.edits.enumerated() {
            guard edit.operation.movesAlongDirection, let place = Self.place(edit), seen.insert(place).inserted,
                let activations = activations[place.site.kind]
            else { continue }
            try activations.check(c, fingerprint: nil, place: "the data")
            let resolver = plan.resolver(index, headSize: c.headSize, width: c.width)
            checks += try self.checks(
                place, unit: resolver.unit(), sigma: resolver.entry()?.sigma, source: Self.source(plan),
                activations)
        }
        return checks.isEmpty
            ? [.init("data direction", .notApplicable, note: "no edit of the plan has a direction")] : checks
    }

    /// The place where an edit's direction was fitted; nil if it isn't known.
    ///
    /// It is the head that the edit changes. For whole layers, it is the place in the direction's name, because all
    /// layers can share one direction.
    private static func place(_ edit: PlannedEdit) -> EditTarget? {
        switch (edit.target, edit.direction) {
        case (_, nil): nil
        case (.layer, .named(let name)?): EditTarget(name)
        default: edit.target
        }
    }

    /// Facts about where the plan's directions come from.
    private static func source(_ plan: LoadedPlan) -> [String: String] {
        let own = plan.plan.record?.source ?? [:]
        return own.isEmpty ? plan.directions?.metadata ?? [:] : own
    }

    private func checks(
        _ target: EditTarget, unit: [Double], sigma: Float?, source: [String: String],
        _ activations: LabelledActivations
    ) throws -> [PlanVerification.Check] {
        let head = target.head ?? Head(layer: target.layer, index: 0)
        let estimator = source["estimator"].flatMap { DirectionEstimator(rawValue: $0) }
        let isSame =
            tokensSHA256 != nil && source["tokensSHA256"] == tokensSHA256 && source["positions"] == positions
        let all = Head.all(layers: activations.table.layers, heads: activations.table.heads)
        let fitted = try all.map { head in
            try HeadDirection(
                fitting: estimator ?? .massMean, to: activations.table[head], rows: activations.rows)
        }
        guard let own = fitted.first(where: { $0.head == head }) else { return [] }
        let expected = own.unit.map(Double.init)
        let name = "data direction of \(target)"
        let cosine = Intervention.cosine(unit, expected)
        let site = target.site.kind
        let likeness = DirectionLikeness(
            others: fitted.filter { $0.head != head }.map { (site.directionName($0.head), $0.unit.map(Double.init)) })
        let note = likeness.note(
            found: unit, expected: expected, besides: "\(target)", isNamedBy: "the direction that these texts give for")

        if isSame, estimator != nil, estimator != .random {
            var checks: [PlanVerification.Check] = [
                .init(name, holds: cosine >= 0.999, found: .number(cosine), expected: .number(1), note: note)
            ]
            // If the spread was measured on other texts, the source has `sigmaData`.
            if let sigma, source["sigmaData"] == nil {
                let off = abs(Double(sigma) - own.sigma)
                checks.append(
                    .init(
                        "data sigma of \(target)", holds: off <= 0.01 * own.sigma, found: .number(Double(sigma)),
                        expected: .number(own.sigma),
                        note: off <= 0.01 * own.sigma ? nil : Self.sigmaNote(Double(sigma), fitted, site)))
            }
            return checks
        }
        let gap = zip(own.trueMean, own.falseMean).map { Double($0) - Double($1) }
        let distance = dot(gap, unit)
        return [
            .init(
                name, holds: distance > 0 && (note == nil || cosine >= 0.99), found: .number(distance),
                expected: .text("above 0"),
                note: note
                    ?? "these aren't the texts that it was fitted on, so this is how much further along it the texts "
                    + "with the label lie than the others; its cosine with the direction that these texts give is "
                    + "\((cosine * 1e3).rounded() / 1e3)")
        ]
    }

    private static func sigmaNote(_ sigma: Double, _ fitted: [HeadDirection], _ site: SiteKind) -> String? {
        let like = fitted.filter { abs($0.sigma - sigma) <= 1e-5 * $0.sigma }
        return like.count == 1 ? "the spread of \(site.directionName(like[0].head))" : nil
    }
}
