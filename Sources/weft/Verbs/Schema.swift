// SPDX-License-Identifier: Apache-2.0

import Primitives
import Topology

let schemaCommand = Command(
    name: "schema", summary: "Print the topology language as a JSON Schema, for editors",
    description: """
        Prints a JSON Schema (draft 2020-12) made of the same tables that `weft validate` reads. An
        editor that knows it completes keys, explains them, and marks what is misspelt. It cannot
        know which nodes and policies there are: `weft validate` does. For an editor with the YAML
        language server, the first line of a topology file names the schema:

            # yaml-language-server: $schema=weft.schema.json
        """,
    options: [
        .init(name: "text", value: nil, summary: "Print every key for people to read instead")
    ],
    examples: [
        .init(line: "weft schema", says: "into a file: weft schema > weft.schema.json"),
        .init(line: "weft schema --text", says: "a reference of the language; try | less"),
    ]
) { invocation in
    guard !invocation.has("text") else {
        Terminal.write(Topology.languageReference)
        return .passed
    }
    Terminal.write(Topology.jsonSchema.indentedText + "\n")
    return .passed
}
