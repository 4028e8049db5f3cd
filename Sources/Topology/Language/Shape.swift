// SPDX-License-Identifier: Apache-2.0

/// What a value of the file may be. The tables made of these are the language: the validator reads
/// them, and so can a generator of a schema or of documentation.
indirect enum Shape: Sendable {
    case scalar(Form)
    /// A mapping with the keys of a table.
    case mapping(MappingKind)
    /// A mapping whose keys are names, addresses … of the user's own.
    case map(keys: Form, values: Shape)
    case list(Shape, count: Int? = nil)
    /// One of these, or a list of them; of none only where that means something.
    case oneOrMore(Shape, orNone: Bool = false)
    /// Shapes of different YAML kinds: a short and a long form.
    case either([Shape])
    /// Of a template: as that, but texts may have expressions in them (`<name>`), and nothing is
    /// required, for what a use makes of it is checked again.
    case template(Shape)

    /// "a prefix such as 10.0.0.0/8", "a list", "a mapping".
    var expectation: String {
        switch self {
        case .scalar(let form): form.expectation
        case .mapping(let kind): "a mapping (\(kind.title))"
        case .map: "a mapping"
        case .list(_, let count?): "a list of \(count)"
        case .list: "a list"
        case .oneOrMore(let shape, _): shape.expectation + " or a list of such"
        case .either(let shapes): shapes.map(\.expectation).joined(separator: " or ")
        case .template(let shape): shape.expectation
        }
    }
}

/// A kind of mapping: its keys, each once.
struct MappingKind: Sendable {
    /// With its article: "a node".
    let title: String
    let keys: [Key]
    let choices: [Choice]
    /// What keys may hold that are not in the table: a template's parameters in its use.
    let others: Shape?
    let requiredKeys: [Key]
    /// Files have many mappings: a key is found without a search.
    private let indices: [String: Int]

    init(title: String, keys: [Key], choices: [Choice] = [], others: Shape? = nil) {
        self.title = title
        self.keys = keys
        self.choices = choices
        self.others = others
        requiredKeys = keys.filter(\.isRequired)
        indices = Dictionary(
            keys.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// Keys of which at most one may stand in a mapping.
    struct Choice: Sendable {
        var names: [String]
        /// Exactly one must.
        var isRequired: Bool
    }

    func key(_ name: String) -> Key? { indices[name].map { keys[$0] } }
}

/// A key of a mapping: one row of the language's tables.
struct Key: Sendable {
    var name: String
    var shape: Shape
    var isRequired: Bool
    /// As the file would say it; nil where leaving the key out means that there is none.
    var `default`: String?
    /// nil applies to every role.
    var roles: [Node.Role]?
    /// One sentence.
    var documentation: String

    init(
        _ name: String, _ shape: Shape, required: Bool = false, default: String? = nil,
        roles: [Node.Role]? = nil, _ documentation: String
    ) {
        self.name = name
        self.shape = shape
        self.isRequired = required
        self.default = `default`
        self.roles = roles
        self.documentation = documentation
    }
}
