import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import ts from "typescript";

const ROOT = resolve(__dirname, "../..");

const fromRoot = (file: string) => relative(ROOT, file).split(sep).join("/");

/** One import, export-from, `import()` or `require()` of a file. */
export interface Import {
  /** Path from the root for a file of this repository, else the name of the package or built-in module. */
  target: string;
  isOwn: boolean;
  /** True when only types are imported, which do not exist at run time. */
  isTypeOnly: boolean;
}

export interface SourceFile {
  /** Path from the root, for example `provider/sps/client.ts`. */
  path: string;
  isTest: boolean;
  imports: Import[];
}

/** Reads every TypeScript file below the given folders with its imports. */
export function readSources(...folders: string[]): SourceFile[] {
  return folders
    .flatMap((folder) => filesBelow(join(ROOT, folder)))
    .map((file) => ({
      path: fromRoot(file),
      isTest: file.endsWith(".test.ts"),
      imports: importsIn(file),
    }));
}

/** Names of the packages that npm installs with the published one. */
export function publishedDependencies(): string[] {
  const manifest = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  return Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    // Compiled output lies in the folder of a package that was packed.
    if (entry.isDirectory()) return entry.name === "dist" ? [] : filesBelow(join(folder, entry.name));
    return entry.name.endsWith(".ts") ? [join(folder, entry.name)] : [];
  });
}

function importsIn(file: string): Import[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022, true);
  const imports: Import[] = [];
  const add = (specifier: ts.Node | undefined, isTypeOnly: boolean) => {
    if (specifier && ts.isStringLiteralLike(specifier)) imports.push(resolveImport(file, specifier.text, isTypeOnly));
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node.moduleSpecifier, isTypeImport(node.importClause));
    if (ts.isExportDeclaration(node)) add(node.moduleSpecifier, isTypeExport(node));
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal, true);
    if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
      add(node.moduleReference.expression, node.isTypeOnly);
    }
    if (ts.isCallExpression(node)) {
      const { expression } = node;
      const isRequire = ts.isIdentifier(expression) && expression.text === "require";
      const isRequireResolve = expression.getText(source) === "require.resolve";
      if (isRequire || isRequireResolve || expression.kind === ts.SyntaxKind.ImportKeyword)
        add(node.arguments[0], false);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return imports;
}

function isTypeImport(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false;
  if (clause.isTypeOnly) return true;
  const { name, namedBindings } = clause;
  if (name || !namedBindings || !ts.isNamedImports(namedBindings)) return false;
  return namedBindings.elements.length > 0 && namedBindings.elements.every((element) => element.isTypeOnly);
}

function isTypeExport(node: ts.ExportDeclaration): boolean {
  if (node.isTypeOnly) return true;
  const { exportClause } = node;
  if (!exportClause || !ts.isNamedExports(exportClause)) return false;
  return exportClause.elements.length > 0 && exportClause.elements.every((element) => element.isTypeOnly);
}

/** @throws Error when the file of a relative import does not exist. */
function resolveImport(file: string, specifier: string, isTypeOnly: boolean): Import {
  if (!specifier.startsWith(".")) {
    const [scope = "", name] = specifier.split("/");
    const target = specifier.startsWith("@") ? `${scope}/${name}` : specifier.startsWith("node:") ? specifier : scope;
    return { target, isOwn: false, isTypeOnly };
  }
  const base = resolve(dirname(file), specifier);
  const found = [`${base}.ts`, join(base, "index.ts"), base].find((candidate) =>
    statSync(candidate, { throwIfNoEntry: false })?.isFile(),
  );
  if (!found) throw new Error(`${fromRoot(file)} imports ${specifier}, which does not exist`);
  return { target: fromRoot(found), isOwn: true, isTypeOnly };
}
