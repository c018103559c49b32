import type { SppContext } from "./context";

/** Address of the primary in the status of a replica; no server listens there. */
export const PRIMARY_ADDRESS = "127.255.255.1";

/** State of the appliance. */
export function applianceState(context: SppContext): "Online" | "Maintenance" {
  return context.options.faults.has("spp-maintenance") ? "Maintenance" : "Online";
}

/** `Status` of the notification service. */
export function statusOf(context: SppContext) {
  const { identity, modules, options } = context;
  const isReplica = options.faults.has("spp-replica");
  const isMaintenance = options.faults.has("spp-maintenance");
  return {
    ApplianceCurrentState: applianceState(context),
    ApplianceId: identity.applianceId,
    ApplianceName: identity.name,
    AppliancePreviousState: isMaintenance ? "Online" : "Initializing",
    ApplianceVersion: identity.version.text,
    CurrentTime: options.clock.now().toISOString(),
    LastStateChangeTime: identity.startedAt.toISOString(),
    IsIsolated: false,
    IsMaintenance: isMaintenance,
    IsPrimary: !isReplica,
    IsQuarantine: false,
    IsReadOnly: false,
    IsReplica: isReplica,
    IsSessionsExternal: modules.isSessionsExternal,
    LcdStatus: null,
    MaintenanceOperation: isMaintenance ? "Patch" : "None",
    IpAddress: identity.address,
    IsVirtual: true,
    IsOperatingSystemLicensed: true,
    IsCloud: false,
    OsPatchLevel: 3,
    OperatingSystemVersion: null,
    HostDnsSuffix: identity.hostDnsSuffix,
    // Null means unknown.
    IsSessionModuleJoined: isMaintenance ? null : modules.isJoined,
    IsStaAccepted: true,
  };
}

/** `Availability` of the notification service, a superset of `Status`. */
export function availabilityOf(context: SppContext) {
  const status = statusOf(context);
  const isAvailable = status.ApplianceCurrentState === "Online";
  return {
    ...status,
    PrimaryApplianceIpv4: status.IsPrimary ? status.IpAddress : PRIMARY_ADDRESS,
    PrimaryApplianceIpv6: null,
    IsChangePasswordManagementAvailable: isAvailable,
    IsCheckPasswordManagementAvailable: isAvailable,
    IsClustered: status.IsReplica,
    IsPasswordRequestAvailable: isAvailable,
    IsPolicyChangeAvailable: isAvailable && status.IsPrimary,
    IsProcessingScheduledTasks: isAvailable,
    IsSessionRequestAvailable: isAvailable && status.IsSessionModuleJoined === true,
    LastSuccessfulAuditLogsSync: null,
    LastSuccessfulDataSync: null,
    IsSshKeyRequestAvailable: isAvailable,
    IsApiKeyRequestAvailable: isAvailable,
  };
}

/** The resources of an idle virtual appliance. */
const RESOURCES = {
  DiskFreeBytes: 400_000_000_000,
  DiskPercentFree: 80,
  DiskTotalBytes: 500_000_000_000,
  MemoryFreeBytes: 8_000_000_000,
  MemoryPercentFree: 50,
  MemoryTotalBytes: 16_000_000_000,
  ProcessorCount: 4,
  ProcessorPercentUsed: 3,
  Temperatures: null,
};

/** `TimeInterval` of the API. */
function timeInterval(milliseconds: number) {
  const whole = Math.floor(milliseconds);
  return {
    Days: Math.floor(whole / 86_400_000),
    Hours: Math.floor(whole / 3_600_000) % 24,
    Minutes: Math.floor(whole / 60_000) % 60,
    Seconds: Math.floor(whole / 1000) % 60,
    Milliseconds: whole % 1000,
    TotalMilliseconds: milliseconds,
  };
}

/** `NodeHealth` of the appliance. */
export function healthOf(context: SppContext) {
  const { identity, modules, options } = context;
  const healthy = { Error: null, Status: "Healthy", ErrorCode: 0, ErrorDetail: null };
  return {
    ApplianceId: identity.applianceId,
    AuditLog: healthy,
    CheckDate: options.clock.now().toISOString(),
    ClusterCommunication: healthy,
    Name: identity.name,
    AccessWorkflow: healthy,
    PolicyData: healthy,
    State: applianceState(context),
    CheckDuration: timeInterval(250),
    ClusterConnectivity: {
      ...healthy,
      NodeConnectivity: [
        {
          ApplianceId: identity.applianceId,
          IsReachable: true,
          MinLatency: timeInterval(0),
          AverageLatency: timeInterval(0),
          MaxLatency: timeInterval(0),
        },
      ],
    },
    NetworkInformation: {
      Ipv4Address: identity.address,
      Ipv6Address: null,
      LinkPresent: true,
      LinkSpeedMbps: 1000,
      MacAddress: identity.applianceId,
      HostDnsSuffix: identity.hostDnsSuffix,
    },
    ResourceUsage: { ...healthy, NodeResourceHealth: RESOURCES },
    SerialNumber: null,
    UpTime: timeInterval(options.clock.now().getTime() - identity.startedAt.getTime()),
    Version: productVersionOf(context),
    SessionsModule: { ...healthy, Status: modules.isJoined ? "External" : "Unknown" },
  };
}

/** `ProductVersion` of the appliance service. */
export function productVersionOf(context: SppContext) {
  const { major, minor, revision, build } = context.identity.version;
  return {
    Major: major,
    Minor: minor,
    Revision: revision,
    Build: build,
    BuildDate: "2026-04-02T00:00:00Z",
    BuildVariant: "Release",
    BuildPlatform: "Vm",
    RsmsVersion: null,
    OsPatchLevel: 3,
  };
}
