import { randomUUID } from "node:crypto";
import type { Appliance } from "./appliance";
import { CentralStatus } from "./cluster/central-status";
import type { ClusterFabric } from "./cluster/fabric";
import { Member } from "./cluster/member";
import { checkCluster } from "./cluster/roles";
import { SppJoin } from "./join/spp-join";
import { nicAddressesOf, type SpsOptions } from "./options";
import { SupportBundles } from "./state/bundles";
import { nodeHealth, type SessionCounts } from "./state/health";
import { RecordedSessions } from "./state/recorded-sessions";
import { configurationTree, protocolNames, WEB_INTERFACE } from "./state/schema";
import { fillDefaults } from "./state/seed";
import { Sessions } from "./state/sessions";
import { ConfigurationStore } from "./state/store";
import { Transactions } from "./state/transactions";
import { SystemLog } from "./system-log";
import { variantOf } from "./variant";

/** Builds an appliance with the configuration that it has after the Welcome Wizard. */
export function assemble(options: SpsOptions, fabric: ClusterFabric): Appliance {
  const { addressBook, clock, faults, hostName } = options;
  const firmwareVersion = options.firmwareVersion ?? "8.0.0";
  const identity = { nodeId: options.nodeId ?? randomUUID(), hostName, address: options.address, firmwareVersion };
  const variant = { ...variantOf(firmwareVersion), ...options.variant };
  const store = new ConfigurationStore();
  fillDefaults(store, {
    variant,
    addresses: nicAddressesOf(options),
    hasSystemBackup: options.hasSystemBackup ?? true,
    hostName,
  });
  const account = { username: options.username ?? "admin", password: options.password };
  const idleSeconds = () => Number(store.get(WEB_INTERFACE)?.timeout) * 60;
  const sessions = new Sessions(clock, account, idleSeconds);
  const log = new SystemLog(clock);
  const liveSessions: SessionCounts = {};
  const common = { nodeId: identity.nodeId, fqdn: hostName, firmwareVersion, store };
  const isSyncStuck = () => faults.has("sps-sync-stuck");
  return {
    identity,
    variant,
    clock,
    faults,
    addressBook,
    privileges: options.privileges ?? {},
    configurationTree: configurationTree(variant),
    store,
    sessions,
    transactions: new Transactions(store, sessions, variant, faults, checkCluster),
    central: new CentralStatus({ ...common, now: () => clock.now(), isSyncStuck }),
    member: new Member({
      ...common,
      clock,
      fabric,
      syncSeconds: options.syncSeconds ?? 3,
      health: () => nodeHealth(protocolNames(variant), liveSessions),
      isSyncStuck,
    }),
    join: new SppJoin({
      identity,
      store,
      clock,
      faults,
      addressBook,
      log,
      validationSeconds: options.joinSeconds ?? 8,
      policySeconds: options.policySeconds ?? 20,
      failedStatus: () => variant.joinFailedStatus,
    }),
    bundles: new SupportBundles(clock, () => `${log.lines.join("\n")}\n`),
    recorded: new RecordedSessions(),
    liveSessions,
    setupStatus: options.setupStatus ?? "completed",
    outageUntil: 0,
    log,
  };
}
