import Crypto
import DataFiles
import Foundation

/// A signature's statement about a model: an in-toto statement (v1) with the predicate of OpenSSF Model Signing v1.0.
///
/// Its subject is the model's name with the SHA-256 of all digests, concatenated in the order of the resources.
struct SignedStatement: Equatable {
    static let payloadType = "application/vnd.in-toto+json"
    static let type = "https://in-toto.io/Statement/v1"
    static let predicateType = "https://model_signing/signature/v1.0"
    private static let oldPredicateType = "https://model_signing/Digests/v0.1"

    /// The last component of the signed path; verification ignores it.
    var name: String
    var serialization: Serialization
    var resources: [SignedResource]
    /// The SHA-256 of the tensor manifest that was written with the signature, if there is one.
    ///
    /// This is a field of our own, which other programs ignore as the format requires.
    var tensorManifest: [UInt8]?

    init(name: String, _ serialization: Serialization, _ resources: [SignedResource], tensorManifest: [UInt8]?) {
        self.name = name
        self.serialization = serialization
        self.resources = resources
        self.tensorManifest = tensorManifest
    }

    /// Parses a payload whose signature is valid.
    ///
    /// - Throws: `InputError` if it is not a statement of this version, or is inconsistent.
    init(_ payload: Data, place: String) throws {
        let object = try JSONObject(data: payload, place: "\(place): payload")
        let type = try object.required("_type", object.string)
        guard type == Self.type else {
            throw InputError.unsupported("a statement of the type \(type)", in: object.place, remedy: Self.remedy)
        }
        let predicateType = try object.required("predicateType", object.string)
        guard predicateType == Self.predicateType else {
            let old =
                predicateType == Self.oldPredicateType ? " of model-signing 0.2, which is older than the format" : ""
            throw InputError.unsupported(
                "the predicate \(predicateType)\(old)", in: object.place,
                remedy: "sign again with the predicate \(Self.predicateType)")
        }
        let subjects = try object.required("subject", object.objects)
        guard subjects.count == 1 else { throw object.wrong("subject", "an array of one") }
        name = try subjects[0].string("name") ?? ""
        let digest = try Self.digest(try subjects[0].required("digest", subjects[0].object), "sha256")

        let predicate = try object.required("predicate", object.object)
        let form = try predicate.required("serialization", predicate.object)
        let serialization = try Serialization(form)
        var known: Set<String> = []
        resources = try predicate.required("resources", predicate.objects).map { object in
            let name = try object.required("name", object.string)
            let algorithm = try object.required("algorithm", object.string)
            guard algorithm == serialization.digestName else {
                throw object.wrong("algorithm", "\(serialization.digestName), as the serialization says")
            }
            let digest = try Self.digest(object, "digest")
            let resource = SignedResource(
                name: name, inParts: serialization.partSize != nil, algorithm: algorithm, digest: digest)
            guard let resource else { throw object.wrong("name", "the relative path of a file") }
            guard known.insert(resource.name).inserted else { throw object.wrong("name", "unique") }
            return resource
        }
        self.serialization = serialization
        guard Self.root(of: resources) == digest else {
            throw subjects[0].wrong("digest", "the digest of the digests of all resources")
        }
        tensorManifest = try predicate.object(Field.tensorManifest.stringValue).map { try Self.digest($0, "sha256") }
    }

    /// The payload; equal statements have the same payload.
    var payload: Data {
        get throws { try JSONEncoder.oneLine.encode(self) }
    }

    static func root(of resources: [SignedResource]) -> [UInt8] {
        var hash = SHA256()
        for resource in resources { hash.update(data: resource.digest) }
        return Array(hash.finalize())
    }

    private static func digest(_ object: JSONObject, _ key: String) throws -> [UInt8] {
        guard let bytes = Hexadecimal.bytes(try object.required(key, object.string)), bytes.count == 32 else {
            throw object.wrong(key, "a SHA-256 in hexadecimal digits")
        }
        return bytes
    }

    private static let remedy = "give a signature of the OpenSSF Model Signing format v1.0"
}

extension SignedStatement: Encodable {
    enum Field: String, CodingKey {
        case type = "_type"
        case subject, predicateType, predicate, serialization, resources
        case tensorManifest = "headsteer_tensors"
        case name, digest, sha256, algorithm
        case method
        case hashType = "hash_type"
        case followsLinks = "allow_symlinks"
        case ignored = "ignore_paths"
        case partSize = "shard_size"
    }

    func encode(to encoder: any Encoder) throws {
        var all = encoder.container(keyedBy: Field.self)
        try all.encode(Self.type, forKey: .type)
        try all.encode(Self.predicateType, forKey: .predicateType)
        var subjects = all.nestedUnkeyedContainer(forKey: .subject)
        var subject = subjects.nestedContainer(keyedBy: Field.self)
        try subject.encode(name, forKey: .name)
        try subject.encode(["sha256": Hexadecimal.text(Self.root(of: resources))], forKey: .digest)
        var predicate = all.nestedContainer(keyedBy: Field.self, forKey: .predicate)
        var form = predicate.nestedContainer(keyedBy: Field.self, forKey: .serialization)
        try form.encode(serialization.partSize == nil ? "files" : "shards", forKey: .method)
        try form.encode("sha256", forKey: .hashType)
        try form.encode(serialization.followsLinks, forKey: .followsLinks)
        if !serialization.ignored.isEmpty { try form.encode(serialization.ignored, forKey: .ignored) }
        try form.encodeIfPresent(serialization.partSize, forKey: .partSize)
        var list = predicate.nestedUnkeyedContainer(forKey: .resources)
        for resource in resources {
            var fields = list.nestedContainer(keyedBy: Field.self)
            try fields.encode(resource.name, forKey: .name)
            try fields.encode(resource.algorithm, forKey: .algorithm)
            try fields.encode(Hexadecimal.text(resource.digest), forKey: .digest)
        }
        if let tensorManifest {
            try predicate.encode(["sha256": Hexadecimal.text(tensorManifest)], forKey: .tensorManifest)
        }
    }
}
