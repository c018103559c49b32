import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, it } from "mocha";
import { stringify } from "yaml";
import { routerConfig } from "../../lab/cli/site-config";
import type { Lab } from "../../lab/lab";
import { LabNetwork } from "../../lab/network/network";
import { ROUTER_KINDS, type RouterKind } from "../../lab/router-kinds";
import { routerByHand } from "../../tools/start/router-by-hand";
import { skipTests } from "../contract/skip";
import { typeRecipe } from "../support/recipe-by-hand";
import { runCommand } from "../support/run-command";
import { EngineLab } from "./engine-lab";
import { siteProgram } from "./programs";
import { TestStack } from "./test-stack";
import { inFolder, written } from "./topology-program";

const SERVER = "10.0.0.5";

/*
 * Who has made the join on the web page and typed the redirection on the router gets a program for both. On each platform its previews send
 * nothing, and its update leaves traffic on its way through SPS.
 */
describe("the program that topology writes for a router that was set up by hand", function () {
  this.timeout(300_000);

  for (const platform of ROUTER_KINDS) {
    it(`takes over what was typed on ${platform}`, async function () {
      const reason = await LabNetwork.unavailableReason();
      if (reason !== undefined) skipTests(this, reason);
      const engine = await EngineLab.start(this, `recipes-${platform}`, {
        network: true,
        spsCount: 1,
        router: platform,
      });
      const folder = mkdtempSync(path.join(__dirname, "workspace", "recipes-"));
      const stack = await TestStack.inline(`recipes-${platform}`);
      try {
        const { lab } = engine;
        const { network } = lab;
        assert.ok(network);
        assert.equal((await engine.run("up", siteProgram(lab))).failure, undefined);
        const seenByServer = async () => (await network.connectFromClient(SERVER, 3389)).peerSeenByServer;
        await typeRecipe(lab);
        assert.equal(await seenByServer(), lab.description.network?.sps.address);
        const typed = await configurationOf(lab);

        const file = path.join(folder, "safeguard.yaml");
        writeFileSync(file, stringify({ sites: [siteIn(folder, lab, platform)] }));
        const program = path.join(folder, "index.ts");
        const shown = await runCommand("topology", "--file", file, "--program", program);
        assert.equal(shown.code, 2, shown.out + shown.error);
        writeFileSync(program, inFolder(readFileSync(program, "utf8"), folder));
        const run = (operation: "preview" | "up") => {
          delete require.cache[require.resolve(program)];
          return stack.run(operation, async () => void require(program));
        };
        const preview = await run("preview");
        assert.deepEqual([preview.failure, preview.changes], [undefined, { create: 6 }], preview.output);
        assert.equal(await configurationOf(lab), typed);
        const up = await run("up");
        assert.deepEqual([up.failure, up.changes], [undefined, { create: 6 }], up.output);
        assert.equal(await seenByServer(), lab.description.network?.sps.address);
        const again = await run("preview");
        assert.deepEqual([again.failure, again.changes], [undefined, { same: 6 }], again.output);
      } finally {
        stack.close();
        rmSync(folder, { recursive: true, force: true });
        await engine.stop();
      }
    });
  }
});

/** What redirections may change on the router, as it prints it. */
async function configurationOf({ description, network }: Lab): Promise<string> {
  if (description.ciscoIos ?? description.checkPoint ?? description.sophosUtm) {
    return (await routerByHand(description)?.configuration()) ?? "";
  }
  const show = "iptables-save -t mangle | grep '^-A'; ip rule show; ip route show table all | sort";
  return (await network?.exec("router", ["sh", "-c", show]))?.stdout ?? "";
}

/** The site as safeguard.yaml has it, with its passwords in files of the folder. */
function siteIn(folder: string, lab: Lab, platform: RouterKind) {
  const { description } = lab;
  const [central] = description.sps;
  const { network } = description;
  assert.ok(central && network);
  const { router, routerPassword, routerPrivateKey } = routerConfig(description);
  const credential = routerPassword ? "passwordFile" : "privateKeyFile";
  writeFileSync(path.join(folder, "router-secret"), (routerPassword ?? routerPrivateKey)?.value ?? "");
  const { ca: _text, ...connection } = JSON.parse(router?.value ?? "");
  const { clientInterface, spsInterface } =
    description.ciscoIos ?? description.checkPoint ?? description.sophosUtm ?? network.router;
  const rdp = {
    name: "rdp",
    clientInterfaces: [clientInterface],
    clientCidrs: [network.client.network],
    serverCidrs: [network.server.network],
    ports: [3389],
    spsAddress: network.sps.address,
    spsInterface,
    ...(platform !== "linux" && { existingConnections: "cut" }),
    ...(platform === "sophos-utm" && { failMode: "open" }),
  };
  const edge = {
    name: "edge",
    platform,
    router: {
      ...connection,
      ...(description.sophosUtm && { caFile: description.sophosUtm.caFile }),
      [credential]: "router-secret",
    },
    redirections: [rdp],
    // The recipe's sessions have this mark.
    ...(platform === "linux" && { linux: { mark: 1 } }),
  };
  return {
    name: "vienna",
    sps: written(folder, "sps", central),
    spp: written(folder, "spp", description.spp),
    routers: [edge],
  };
}
