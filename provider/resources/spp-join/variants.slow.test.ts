import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { SppOptions } from "../../../lab/spp/options";
import { inParallel } from "../../../tests/support/in-parallel";
import { changesIn, Site } from "../../../tests/support/site";
import { spsCluster } from "../sps-cluster/operations";
import { sppJoin } from "./operations";

/** What the vendor's documents leave open about SPP, and what differs between installations. */
const VARIANTS: Record<string, Partial<SppOptions>> = {
  "lists an unfinished join": { variants: { unfinishedJoin: "listed" } },
  "shows an unfinished join as disconnected": { variants: { unfinishedJoin: "disconnected" } },
  "hides an unfinished join": { variants: { unfinishedJoin: "hidden" } },
  "keeps a split entry trusted": { variants: { splitRowTrusted: true } },
  "makes a new entry for a new join": { variants: { rejoinKeepsRow: false } },
  "hands out certificates with the line breaks of Windows": { variants: { certificateEncoding: "pem-crlf" } },
  "hands out certificates as bare base64": { variants: { certificateEncoding: "base64" } },
  "asks a join for no operations role": { variants: { joinNeedsOperationsAdmin: false } },
  "has a certificate with two issuers": { certificate: { intermediates: 2 } },
  "has the password grant on": { passwordGrant: true },
  "has never been backed up": { backupAgeDays: Number.POSITIVE_INFINITY },
};

/** What came of one join, split on SPP and made again. */
interface Outcome {
  first: string;
  split: string | undefined;
  again: string;
  policies: number;
  /** Changing requests to SPS: of the first join, and of both together. */
  requests: [first: string[], both: string[]];
  entries: number;
}

async function joinTwice(spp: Partial<SppOptions>): Promise<Outcome> {
  const site = await Site.start({ spsCount: 1, spp });
  try {
    await spsCluster.create(await site.cluster(), site.context());
    const inputs = await site.join();
    site.clearTraffic();
    const requests = () => changesIn(site.lab.sps[0].traffic);
    const { id, state } = await sppJoin.create(inputs, site.context());
    const first = requests();
    const { modules } = site.lab.spp.context;
    modules.split(modules.find(state.nodeId) ?? assert.fail("SPP does not know the node"));
    const read = await sppJoin.read(id, state, site.context());
    const again = await sppJoin.update(id, read?.state ?? state, inputs, site.context());
    site.assertNoSecret(...site.log.all);
    return {
      first: state.health,
      split: read?.state.health,
      again: again.state.health,
      policies: again.state.policies.length,
      requests: [first, requests()],
      entries: site.lab.spp.sessionModules.length,
    };
  } finally {
    await site.stop();
  }
}

describe("SppJoin with every SPP variant", function () {
  this.timeout(120_000);

  it("joins, detects a split and joins again into the same entry with every SPP variant", async () => {
    const names = Object.keys(VARIANTS);
    const outcomes = await inParallel(
      Object.values(VARIANTS).map((spp) => () => joinTwice(spp)),
      3,
    );
    const request = "POST /api/cluster/spp";
    const wanted: Outcome = {
      first: "joined",
      split: "disconnected",
      again: "joined",
      policies: 7,
      requests: [[request], [request, request]],
      entries: 1,
    };
    assert.deepEqual(
      Object.fromEntries(names.map((name, index) => [name, outcomes[index]])),
      Object.fromEntries(names.map((name) => [name, wanted])),
    );
  });

  for (const unfinishedJoin of ["hidden", "disconnected"] as const) {
    it(`finds a join complete after a lost answer when SPP shows it as ${unfinishedJoin}`, async () => {
      const site = await Site.start({ spsCount: 1, spp: { variants: { unfinishedJoin } } });
      try {
        await spsCluster.create(await site.cluster(), site.context());
        site.lab.faults.on("sps-answer-lost");
        const { state } = await sppJoin.create(await site.join(), site.context());
        assert.equal(state.health, "joined");
        assert.equal(site.lab.sps[0].traffic.count("POST", "/api/cluster/spp"), 1);
      } finally {
        await site.stop();
      }
    });
  }
});
