import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import ts from "typescript";

/** A member of the arguments or of the class, as its source declares it. */
export interface DeclaredMember {
  name: string;
  required: boolean;
  type: string;
  /** Its documentation comment as one line. */
  meaning: string;
}

const FILE = resolve(__dirname, "../../sdk/nodejs/site.ts");

/** The component Site as its source declares it: it has no schema, because it only passes on the inputs of its resources. */
export function readSite(): { description: string; inputs: DeclaredMember[]; members: DeclaredMember[] } {
  const source = ts.createSourceFile(FILE, readFileSync(FILE, "utf8"), ts.ScriptTarget.ES2022, true);
  const args = source.statements.find((node) => ts.isInterfaceDeclaration(node) && node.name.text === "SiteArgs");
  const site = source.statements.find((node) => ts.isClassDeclaration(node) && node.name?.text === "Site");
  if (!args || !ts.isInterfaceDeclaration(args) || !site || !ts.isClassDeclaration(site))
    throw new Error(`${FILE} declares no SiteArgs or no Site`);
  return {
    description: commentOf(site),
    inputs: args.members.filter(ts.isPropertySignature).map(memberOf),
    members: site.members.filter(ts.isPropertyDeclaration).map(memberOf),
  };
}

function memberOf(node: ts.PropertySignature | ts.PropertyDeclaration): DeclaredMember {
  return {
    name: node.name.getText(),
    required: node.questionToken === undefined,
    type: node.type?.getText().replace(/\s+/g, " ") ?? "",
    meaning: commentOf(node),
  };
}

function commentOf(node: ts.Node): string {
  return ts
    .getJSDocCommentsAndTags(node)
    .map(({ comment }) => ts.getTextOfJSDocComment(comment) ?? "")
    .join(" ")
    .replace(/\s+/g, " ");
}
