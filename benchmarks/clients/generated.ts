import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { LabCertificateAuthority } from "../../lab/common/certificates";
import { answer } from "../../lab/sophos-utm/api";
import { SophosRouter } from "../../lab/sophos-utm/lab-router";
import { type Check, checksOf, NotRun, outputOf, type PublicClient } from "./run";

const HOME = resolve(__dirname, "../../node_modules/.cache/pulumi-safeguard/go");
const SWAGGER = "github.com/go-swagger/go-swagger/cmd/swagger@v0.36.7";
/** The classes whose documents the client is generated from. */
const CLASSES = ["network", "service", "route", "aaa", "ca", "reverse_proxy"];

/** A client that go-swagger generates from the definitions of an emulated Sophos UTM. */
export function generatedClient(): PublicClient {
  return {
    client: "go-swagger",
    router: "sophos-utm",
    run: async () => {
      const env = { ...process.env, GOPATH: HOME, GOCACHE: join(HOME, "build"), GOFLAGS: "-modcacherw" };
      const swagger = join(HOME, "bin", "swagger");
      if (!existsSync(swagger)) await installed(swagger, env);
      const authority = await LabCertificateAuthority.create("clients");
      const router = await SophosRouter.start(undefined, { authority });
      const folder = mkdtempSync(join(HOME, "utm-"));
      try {
        const program = join(folder, "utm");
        const said = await generate(router, folder, swagger, env);
        const built: Check = {
          check: "is generated and builds",
          passed: existsSync(program),
          detail: said.slice(-400),
        };
        if (!built.passed) return [built];
        const { address, port } = router.server;
        const ca = join(folder, "ca.pem");
        writeFileSync(ca, authority.certificatePem);
        const access = { SSL_CERT_FILE: ca, ROUTER_ADDRESS: `${address}:${port}`, ROUTER_TOKEN: router.device.token };
        return [built, ...checksOf(await outputOf(program, [], { env: { ...env, ...access } }), "panic:")];
      } finally {
        await router.stop();
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

/** @throws NotRun when Go or the network is missing */
async function installed(swagger: string, env: NodeJS.ProcessEnv): Promise<void> {
  mkdirSync(HOME, { recursive: true });
  const said = await outputOf("go", ["install", SWAGGER], { env }).catch((error: Error) => error.message);
  if (!existsSync(swagger)) throw new NotRun(`go-swagger cannot be installed: ${said.trim().split("\n").at(-1)}`);
}

/** Builds the program with the documents that the router serves. @returns what the generator and the compiler say */
async function generate(
  { device }: SophosRouter,
  folder: string,
  swagger: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const run = (command: string, ...args: string[]) => outputOf(command, args, { env, cwd: folder });
  let said = await run("go", "mod", "init", "utm");
  for (const name of CLASSES) {
    const request = { method: "GET", path: `/api/definitions/${name}`, headers: {}, body: "" };
    const document = join(folder, `${name}.json`);
    writeFileSync(document, JSON.stringify(answer(device.configuration, request).body));
    const names = ["-f", document, "-c", `${name}/client`, "-m", `${name}/models`];
    said += await run(swagger, "generate", "client", "-q", ...names);
  }
  copyFileSync(join(__dirname, "sophos_utm.go"), join(folder, "main.go"));
  said += await run("go", "mod", "tidy");
  // The program does not use the clients of all types; each of them has to build.
  const failure = await run("go", "build", "./...");
  if (failure !== "") return said + failure;
  return said + (await run("go", "build", "-o", "utm", "."));
}
