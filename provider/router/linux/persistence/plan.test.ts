import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { type Desired, desiredState, NOTHING } from "../model/desired";
import type { Found } from "../model/found";
import { decide, withFound } from "../plan/decision";
import { desiredLines } from "../plan/lines";
import { AUTO, bring, contextOn, INTERFACES, sample } from "../simulated/planning-bench.test";
import { SimulatedRouter } from "../simulated/simulated-router.test";
import { type FoundFile, type FoundPersistence, NO_PERSISTENCE } from "./found-files";
import { settlePersistence } from "./outcome";
import {
  foundPersistenceLines,
  type PersistencePlan,
  persistedBy,
  persistenceWarnings,
  planPersistence,
  requirePersistable,
} from "./plan";
import { parsePersistOutcome, persistScript } from "./script";

/** A simulated router with files. */
class Shelf {
  readonly router = new SimulatedRouter(INTERFACES);
  readonly files = new Map<string, FoundFile>();
  services: FoundPersistence["services"] = ["systemd", "ifupdown"];

  get found(): Found {
    const { services, files } = this;
    return { ...this.router.read(), persistence: { services, canDigest: true, files: new Map(files) } };
  }

  carryOut(plan: PersistencePlan | undefined): void {
    for (const { path, mode, target, content } of plan?.write ?? []) {
      const digest = content === undefined ? undefined : createHash("sha256").update(`${content}\n`).digest("hex");
      const isMarked = content?.includes("Made by Safeguard for Pulumi") ?? false;
      this.files.set(path, { mode, owner: 0, isMarked, ...(target && { target }), ...(digest && { digest }) });
    }
    for (const path of plan?.remove ?? []) assert.ok(this.files.delete(path), `${path} was not there`);
  }

  /** Brings a resource from one state to another. */
  bring(desired: Desired, owned: Desired, isAdopting = false): PersistencePlan | undefined {
    const context = contextOn(this.found, desired, owned, { isAdopting });
    requirePersistable(context);
    const plan = planPersistence(context);
    this.carryOut(plan);
    assert.equal(planPersistence(withFound(context, this.found)), undefined, "nothing is left to do");
    return plan;
  }
}

describe("the persistence plan", () => {
  const one = desiredState([sample()], AUTO, true);
  const other = desiredState([{ ...sample(), name: "web", ports: [8080] }], AUTO, true);
  const both = desiredState([sample(), { ...sample(), name: "web", ports: [8080] }], AUTO, true);
  const passing: Desired = { ...one, isPersistent: false };
  const paths = (plan: PersistencePlan | undefined) => plan && [plan.write.map(({ path }) => path), plan.remove];

  it("adds shared files with the first redirection and removes them, hooks first, at the end", () => {
    const shelf = new Shelf();
    const common = [
      "/etc/systemd/system/sps-redirect-early.service",
      "/etc/systemd/system/multi-user.target.wants/sps-redirect-early.service",
      "/etc/systemd/system/sps-redirect.service",
      "/etc/systemd/system/multi-user.target.wants/sps-redirect.service",
      "/etc/network/if-up.d/sps-redirect",
    ];
    const first = ["/etc/sps-redirect", "/etc/sps-redirect/run", "/etc/sps-redirect/rdp.sh", ...common];
    assert.deepEqual(paths(shelf.bring(one, NOTHING)), [first, []]);
    assert.equal(shelf.bring(one, one), undefined);
    assert.deepEqual(paths(shelf.bring(other, NOTHING)), [["/etc/sps-redirect/web.sh"], []]);
    assert.deepEqual(paths(shelf.bring(NOTHING, one)), [[], ["/etc/sps-redirect/rdp.sh"]]);
    const removed = shelf.bring(NOTHING, other)?.remove;
    assert.equal(removed?.[0], "/etc/sps-redirect/web.sh");
    assert.deepEqual(removed?.slice(1).sort(), ["/etc/sps-redirect", "/etc/sps-redirect/run", ...common].sort());
    assert.deepEqual(removed?.slice(-2), ["/etc/sps-redirect/run", "/etc/sps-redirect"]);
    assert.equal(shelf.files.size, 0);
  });

  it("updates files for redirections that are added, renamed or no longer persisted", () => {
    const shelf = new Shelf();
    shelf.bring(one, NOTHING);
    assert.deepEqual(paths(shelf.bring(both, one)), [["/etc/sps-redirect/web.sh"], []]);
    assert.deepEqual(paths(shelf.bring(other, both)), [[], ["/etc/sps-redirect/rdp.sh"]]);
    shelf.bring(one, other);
    assert.deepEqual(
      [...shelf.files.keys()].filter((path) => path.endsWith(".sh")),
      ["/etc/sps-redirect/rdp.sh"],
    );
    shelf.bring(passing, one);
    assert.equal(shelf.files.size, 0);
  });

  it("shows each persisted redirection as in the preview, with its faults", () => {
    const shelf = new Shelf();
    bring(shelf.router, { ...both, isPersistent: false }, NOTHING);
    assert.deepEqual(desiredLines(both).slice(-2), ["persist: redirection rdp", "persist: redirection web"]);
    assert.deepEqual(foundPersistenceLines(decide(both, shelf.found)), []);
    shelf.bring(both, NOTHING);
    assert.deepEqual(foundPersistenceLines(decide(both, shelf.found)), desiredLines(both).slice(-2));
    assert.deepEqual(persistedBy(decide(both, shelf.found)), ["systemd", "ifupdown"]);
    shelf.files.delete("/etc/network/if-up.d/sps-redirect");
    assert.deepEqual(persistedBy(decide(both, shelf.found)), ["systemd"]);
    assert.equal(
      foundPersistenceLines(decide(both, shelf.found))[1],
      "persist: redirection web (/etc/network/if-up.d/sps-redirect is missing)",
    );
    const rdp = shelf.files.get("/etc/sps-redirect/rdp.sh");
    assert.ok(rdp);
    shelf.files.set("/etc/sps-redirect/rdp.sh", { ...rdp, mode: "-rw-rw-rw-" });
    assert.equal(
      foundPersistenceLines(decide(both, shelf.found))[0],
      "persist: redirection rdp (/etc/sps-redirect/rdp.sh is altered)",
    );
    assert.equal(
      foundPersistenceLines(decide(passing, shelf.found))[0],
      "persist: redirection rdp",
      "and was not wanted",
    );
    shelf.files.set("/etc/sps-redirect/rdp.sh", { ...rdp, isMarked: false });
    assert.deepEqual(foundPersistenceLines(decide(passing, shelf.found)), [], "somebody else's");
  });

  it("refuses a router without boot services or file checks, and foreign files", () => {
    const shelf = new Shelf();
    const refusal = (desired: Desired, owned = NOTHING, isAdopting = false, found = shelf.found) => {
      try {
        requirePersistable(contextOn(found, desired, owned, { isAdopting }));
        return "none";
      } catch (error) {
        return /\[(SG\d+)\]$/.exec(String(error))?.[1];
      }
    };
    assert.equal(refusal(one), "none");
    shelf.services = [];
    assert.deepEqual(
      [refusal(one), refusal(passing), refusal(desiredState([], AUTO, true))],
      ["SG3110", "none", "none"],
    );
    shelf.services = ["ifupdown"];
    const blind: Found = {
      ...shelf.found,
      persistence: { ...NO_PERSISTENCE, services: ["ifupdown"], canDigest: false },
    };
    assert.equal(refusal(one, NOTHING, false, blind), "SG3101");
    shelf.bring(one, NOTHING);
    assert.equal(refusal(one), "none");
    shelf.files.set("/etc/sps-redirect/run", { mode: "-rwxr-xr-x", owner: 0, isMarked: false, digest: "0" });
    assert.deepEqual([refusal(one, one), refusal({ ...one, isPersistent: false }, one)], ["SG3206", "none"]);
  });

  it("reports that a link change alone restores nothing where only systemd exists", () => {
    const shelf = new Shelf();
    assert.deepEqual(persistenceWarnings(decide(one, shelf.found)), []);
    shelf.services = ["systemd"];
    assert.match(
      persistenceWarnings(decide(one, shelf.found)).join("\n"),
      /^after the link to SPS was down, the default route to SPS returns only at the next restart/,
    );
    assert.deepEqual(persistenceWarnings(decide(passing, shelf.found)), []);
  });

  it("writes temporary files with final permissions first, and informs systemd of units only", () => {
    const shelf = new Shelf();
    const script = persistScript(shelf.bring(one, NOTHING) ?? assert.fail("there is a plan"));
    assert.equal(script.match(/^cat >\/etc\/sps-redirect\/\.new\/\d <<'SPS-END-OF-FILE' \|\| return 1$/gm)?.length, 5);
    const modes = [...script.matchAll(/^chmod (\d+) \/etc\/sps-redirect\/\.new/gm)].map(([, mode]) => mode);
    assert.deepEqual(modes, ["700", "600", "644", "644", "700"]);
    assert.ok(script.indexOf("sync ") < script.indexOf("mv -f "));
    assert.match(script, /systemctl daemon-reload/);
    assert.doesNotMatch(persistScript(shelf.bring(other, NOTHING) ?? assert.fail("a plan")), /systemctl|rmdir/);
  });

  it("trusts the files read back, and reports the rules that a restart would restore", () => {
    const shelf = new Shelf();
    const context = contextOn(shelf.found, one, NOTHING);
    const plan = planPersistence(context) ?? assert.fail("there is a plan");
    const said = (word: string, listed = "") => ({
      stdout: `\n@@guard verdict kept\n\n@@persist ${word}\n\n@@persistence\n${listed}\n@@= 0\n`,
      stderr:
        "before\n\n@@persist begin\ncat: write error: No space left on device\n\n@@persist end\n\n@@persistence\n",
    });
    assert.deepEqual(parsePersistOutcome(said("done")), { kind: "done" });
    const cases = [
      [said("failed"), /would be without rdp, because .* changed: cat: write error: No space left on device; .*SG3309/],
      [
        said("done", "services systemd"),
        /would be without rdp, because .*\/etc\/sps-redirect is not as written; .*SG3309/,
      ],
      [{ stdout: "", stderr: "" }, /would be without rdp, because .*the router's answer is incomplete; .*SG3309/],
    ] as const;
    for (const [output, expected] of cases) {
      assert.match(settlePersistence(output, plan, context).failure?.message ?? "", expected);
    }
    shelf.bring(one, NOTHING);
    const leaving = contextOn(shelf.found, NOTHING, one);
    const removal = planPersistence(leaving) ?? assert.fail("there is a plan");
    const { failure } = settlePersistence({ stdout: "", stderr: "" }, removal, leaving);
    assert.match(failure?.message ?? "", /gone is gone, but a restart of the router would bring rdp back, because /);
  });
});
