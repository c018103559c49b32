import { type ErrorCode, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, visit } from "yaml";

/** The content of a YAML file, and where each of its properties is. */
export interface YamlContent {
  content: unknown;
  /** The line of a property, or of the group that does not have it. */
  lineOf: (path: readonly PropertyKey[]) => number;
}

/** Causes that the parser reports in words for programmers. */
const CAUSES: Partial<Record<ErrorCode, string>> = {
  MULTIPLE_DOCS: "A second document begins here",
  NON_STRING_KEY: "This key is no text",
};

/** Reads the text of a YAML file with one document. A mistake is one sentence with its place and its remedy. */
export function readYaml(text: string): YamlContent | { problem: string } {
  const lines = new LineCounter();
  // A key that is no text would become one with a name that nobody wrote.
  const document = parseDocument(text, { lineCounter: lines, stringKeys: true });
  const [mistake] = [...document.errors, ...document.warnings];
  if (mistake) {
    const place = mistake.linePos?.[0];
    const [reason = ""] = mistake.message.split(/ at line |\n/);
    return {
      problem: `line ${place?.line}, column ${place?.col}: ${CAUSES[mistake.code] ?? reason}; correct the YAML.`,
    };
  }
  const lineAt = (node: Node | null | undefined) => lines.linePos(node?.range?.[0] ?? 0).line;
  let unknown: string | undefined;
  visit(document, {
    Alias: (_, alias) => {
      if (alias.resolve(document)) return undefined;
      unknown = `line ${lineAt(alias)}: nothing above has the anchor &${alias.source}; correct the YAML.`;
      return visit.BREAK;
    },
  });
  if (unknown !== undefined) return { problem: unknown };
  const lineOf = (path: readonly PropertyKey[]) => {
    let node: unknown = document.contents;
    let found = lineAt(document.contents);
    for (const part of path) {
      if (isAlias(node)) node = node.resolve(document);
      if (isMap(node)) {
        const pair = node.items.find(({ key }) => isScalar(key) && key.value === part);
        if (!pair) return found;
        found = lineAt(pair.key as Node);
        node = pair.value;
      } else if (isSeq(node) && typeof part === "number" && node.items[part] !== undefined) {
        node = node.items[part];
        found = lineAt(node as Node);
      } else return found;
    }
    return found;
  };
  try {
    return { content: document.toJS(), lineOf };
  } catch (error) {
    // Aliases that repeat each other without end.
    return { problem: `${error instanceof Error ? error.message : error}; write the values without anchors.` };
  }
}
