import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "mocha";
import { checkAndPreview } from "../../../tests/support/check-and-preview";
import { capabilityTable } from "../../../tools/docs/capability-table";
import { UNKNOWN } from "../../core/unknown";
import type { RouterPlatform } from "../../router/platform";
import { routerRedirection as resource } from "./operations";
import { BED_KINDS, type BedKind, type PlatformBed } from "./platform-beds.test";
import {
  contextOf,
  type Given,
  type PlatformCase,
  type UpdateKind,
  updateWhileConnecting,
} from "./platform-cases.test";

/**
 * Runs the cases on every platform, and lets a client connect in a tight loop during each kind of update. A case that a platform
 * does not support has to be refused in previews, with the reason that the page about the platform gives.
 */
export function describePlatforms(cases: readonly PlatformCase[], updates: readonly UpdateKind[]): void {
  for (const kind of BED_KINDS) describePlatform(kind, cases, updates);
}

function describePlatform(kind: BedKind, cases: readonly PlatformCase[], updates: readonly UpdateKind[]) {
  const { platform, start } = kind;
  describe(`every platform: ${platform.name}`, function () {
    this.timeout(120_000);
    let bed: PlatformBed;
    let clean = "";

    before(async () => {
      bed = await start(`suite-${platform.name}`);
      clean = await bed.configuration();
    });
    after(async () => {
      await bed.stop();
    });
    afterEach(async () => {
      assert.equal(await bed.configuration(), clean, "the router is as it was found");
    });

    /** The redirection of a case, with what differs from it. */
    const partsOf = (one: PlatformCase, others: Record<string, unknown> = {}) => ({
      ...bed.redirection,
      ...one.redirection?.(bed),
      ...others,
    });

    for (const one of cases) {
      const { needs } = one;
      if (!isRefused(kind, needs)) {
        it(one.title, async () => {
          const given: Given = {
            ...bed,
            platform,
            inputs: (parts, more) => bed.lab.inputsWith(partsOf(one, parts), { ...one.more, ...more }),
            context: (name = "router") => contextOf(bed.lab, name),
          };
          await one.run(given);
        });
        continue;
      }
      it(`refuses in a preview, as documented: ${one.title}`, async () => {
        const reason = documentedReason(platform, needs);
        assert.ok(reason, "the table of the platform's page gives a reason");
        const changes = await bed.changesDuring(async () => {
          const raw = bed.lab.raw({ redirections: [bed.lab.redirection(partsOf(one))], ...one.more });
          const { failures } = await checkAndPreview(resource, {}, raw, bed.lab.context());
          const [failure, ...others] = failures.map(({ reason: text }) => text);
          const [path = "", text = ""] = failure?.split(/: (.*)/) ?? [];
          // Where hosts cannot be probed, neither can their ports.
          assert.ok(needs.path.startsWith(path) && path !== "", failure);
          assert.ok(text.startsWith(`${reason}; `), `${failure}, documented: ${reason}`);
          assert.deepEqual(others, []);
        });
        assert.deepEqual(changes, []);
      });
    }

    const supported = updates.filter(({ needs }) => !isRefused(kind, needs));
    if (supported.length === 0) return;
    it("lets no connection fail or go direct during any kind of update", async () => {
      // Where the router tracks connections, those in hand when the redirection leaves an SPS are cut unless they are awaited.
      const removal = { connections: "drain", drainSeconds: 30 };
      const more = kind.refuses.includes("removal.connections") ? {} : { removal };
      const inputs = (parts: Record<string, unknown>) => bed.lab.inputsWith({ ...bed.redirection, ...parts }, more);
      await bed.lab.addSpsAddress();
      const { id, ...created } = await resource.create(await inputs({}), bed.lab.context());
      let { state } = created;
      for (const update of supported) {
        const news = await inputs(typeof update.to === "function" ? update.to(bed) : update.to);
        const olds = state;
        const make = () => resource.update(id, olds, news, bed.lab.context());
        ({ state } = await updateWhileConnecting(bed.lab, update, make));
        assert.deepEqual(resource.diff(id, state, news), [], update.title);
      }
      await resource.delete(id, state, bed.lab.context());
    });
  });
}

type Needs = NonNullable<PlatformCase["needs"]>;

/** Whether the list of the tests, which is written apart from the product, says that the platform refuses a case. */
function isRefused({ refuses }: BedKind, needs: Needs | undefined): needs is Needs {
  if (needs === undefined) return false;
  return refuses.includes(needs.word === undefined ? needs.path : `${needs.path} ${needs.word.replaceAll("`", "")}`);
}

/** Why the table of a platform's page says that a case is refused; undefined for one that it supports. */
function documentedReason(platform: RouterPlatform, needs: Needs): string | undefined {
  const rows = capabilityTable(platform.capabilities(UNKNOWN)).split("\n");
  const row = rows.find((line) => line.startsWith(`| ${needs.row} | `));
  assert.ok(row, `the table has a row ${needs.row}`);
  const support = row.slice(`| ${needs.row} | `.length, -" |".length);
  if (needs.word === undefined) return /^no: (.*)$/.exec(support)?.[1];
  const word = needs.word.replaceAll("`", "");
  return support.split(", ").includes(needs.word) ? undefined : `platform ${platform.name} does not support ${word}`;
}
