import { refusals } from "../api-error";

const SERVICES = [
  "A2A",
  "AccessRequestWorkflow",
  "Appliance",
  "Archive",
  "Core",
  "Event",
  "Kiosk",
  "Management",
  "Middleware",
  "Notification",
  "Platform",
  "Rsts",
  "Scheduler",
  "SpsInteractive",
  "Watchdog",
  "Website",
] as const;
const LEVELS = ["Debug", "Info", "Warn", "Error", "None"] as const;

type Level = (typeof LEVELS)[number];

/** `ServiceDebug` of the API. The syslog server is absent until one is set. */
export interface ServiceDebugSettings {
  NetworkDebugEnabled: boolean;
  SyslogServer?: object;
  SyslogFacility: string;
  Services: { Id: string; DisplayName: string; LogLevel: Level }[];
}

/** The settings of debug logging. */
export class ServiceDebug {
  private networkDebugEnabled = false;
  private syslogServer: object | undefined;
  private syslogFacility = "User";
  private readonly levels = new Map<string, Level>();

  settings(): ServiceDebugSettings {
    return {
      NetworkDebugEnabled: this.networkDebugEnabled,
      ...(this.syslogServer ? { SyslogServer: this.syslogServer } : {}),
      SyslogFacility: this.syslogFacility,
      Services: SERVICES.map((id) => ({ Id: id, DisplayName: id, LogLevel: this.levels.get(id) ?? "None" })),
    };
  }

  /** Applies a whole object; services that are not listed keep their level. @throws ApiError 70000, 70008. */
  change(input: {
    networkDebugEnabled: boolean;
    syslogServer: object | undefined;
    syslogFacility: string | undefined;
    services: unknown;
  }): void {
    const levels = this.levelsOf(input.services ?? []);
    for (const [id, level] of levels) this.levels.set(id, level);
    this.syslogServer = input.syslogServer;
    this.networkDebugEnabled = input.networkDebugEnabled;
    this.syslogFacility = input.syslogFacility ?? this.syslogFacility;
  }

  private levelsOf(services: unknown): [string, Level][] {
    if (!Array.isArray(services)) throw refusals.unbindable("entity.Services", "A list is expected.");
    return services.map((service: { Id?: unknown; LogLevel?: unknown } | null) => {
      const id = SERVICES.find((name) => name === service?.Id);
      const level = LEVELS.find((name) => name === service?.LogLevel);
      if (id === undefined) throw refusals.enumInvalid("Id");
      if (level === undefined) throw refusals.enumInvalid("LogLevel");
      return [id, level];
    });
  }
}
