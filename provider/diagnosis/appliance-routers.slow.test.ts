import assert from "node:assert/strict";
import { after, before, describe, it } from "mocha";
import { LabSite } from "../../benchmarks/doctor/lab-site";
import { diagnose, type SiteReport } from "../../sdk/nodejs/diagnose";
import { getTopology } from "../../sdk/nodejs/topology";
import { CheckPointLab } from "../resources/router-redirection/check-point-lab.test";
import { routerRedirection } from "../resources/router-redirection/operations";
import { SophosLab } from "../resources/router-redirection/sophos-lab.test";

/** A router whose lab counts what changes it. */
interface Case {
  name: string;
  start(): Promise<CheckPointLab | SophosLab>;
  /** What is warned about, because the lab's router has rules of its own. */
  warning: string | undefined;
  /** Whether nothing can be tried from it. */
  hasNoProbes: boolean;
  changesDuring(lab: CheckPointLab | SophosLab, work: () => Promise<unknown>): Promise<string[]>;
}

const CASES: Case[] = [
  {
    name: "Check Point",
    start: () => CheckPointLab.start("doctor-gaia", true),
    warning: "redirection rdp takes traffic from PBR rule 4000, because its rules are evaluated first",
    hasNoProbes: false,
    changesDuring: (lab, work) => (lab as CheckPointLab).commandsDuring(work),
  },
  {
    name: "Sophos",
    start: () => SophosLab.start("doctor-utm", true),
    warning: undefined,
    hasNoProbes: true,
    changesDuring: (lab, work) => (lab as SophosLab).changesDuring(work),
  },
];

for (const { name, start, warning, hasNoProbes, changesDuring } of CASES) {
  describe(`diagnosis of a ${name} router`, function () {
    this.timeout(120_000);
    let site: LabSite;
    let lab: CheckPointLab | SophosLab;

    before(async () => {
      site = await LabSite.start();
      lab = await start();
      await routerRedirection.create(await lab.inputs({ redirections: [redirection()] }), lab.context());
    });
    after(async () => {
      await lab?.stop();
      await site?.stop();
    });

    /** Without the router's own address among the servers, which is a warning. */
    const redirection = (parts: Record<string, unknown> = {}) =>
      lab.redirection({ serverCidrs: ["10.0.0.4/30"], ...parts });

    function siteWith(changes: Record<string, unknown> = {}) {
      const { preview: _preview, commitConfirm: _confirm, ...inputs } = lab.raw({ redirections: [redirection()] });
      return site.site({ routers: [{ name: "edge", ...inputs, ...changes }] as never });
    }

    async function examine(changes: Record<string, unknown> = {}): Promise<SiteReport> {
      const { sites } = await diagnose({ sites: [siteWith(changes)], trafficSeconds: 0, limitSeconds: 60 });
      return sites[0] ?? assert.fail();
    }

    const check = (report: SiteReport, id: string) => report.checks.find((one) => one.id === id);

    it("finds its redirections in force, as topology does, and changes nothing", async () => {
      let report: SiteReport | undefined;
      const changes = await changesDuring(lab, async () => {
        report = await examine();
        const { sites } = await getTopology({ sites: [siteWith()], limitSeconds: 60 });
        assert.deepEqual(
          sites[0]?.routers.map(({ state }) => state),
          ["in force"],
        );
      });
      assert.ok(report);
      const warnings = report.checks.filter(({ status }) => status === "warn").map(({ text }) => text);
      assert.deepEqual(warnings, warning === undefined ? [] : [warning]);
      assert.equal(report.status, warning === undefined ? "fine" : "warnings");
      assert.deepEqual(changes, []);
      const isTried = !hasNoProbes;
      const { status, unsupported } = check(report, "router-path:edge") ?? assert.fail("no check of the path");
      assert.deepEqual([status, unsupported], isTried ? ["pass", undefined] : ["not checked", true]);
      assert.equal(check(report, "traffic:edge/rdp")?.unsupported, true);
    });

    it("names a rule that it lacks, and a login that it refuses", async () => {
      const other = await examine({ redirections: [redirection({ ports: [3389, 22] })] });
      assert.equal(other.causes[0]?.check, "router-rules:edge", JSON.stringify(other.causes));
      const { router } = lab.raw() as { router: object };
      const refused = await examine({ router: { ...router, password: "wrong" } });
      assert.equal(refused.causes[0]?.check, "router-login:edge", JSON.stringify(check(refused, "router-rules:edge")));
    });
  });
}
