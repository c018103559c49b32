import type { SessionModules } from "./join/session-modules";

/** `AccessPolicy` of the API: the properties that refer to a session module. */
export interface AccessPolicy {
  Id: number;
  Name: string;
  Description: string | null;
  RoleId: number;
  RoleName: string;
  SessionProperties: { SessionModuleConnectionId: number | null; SessionConnectionPolicyRef: string | null };
  /** True when the policy is bound to a session module without connection policies. */
  InvalidConnectionPolicy: boolean;
}

/** The access policies of the appliance. Tests bind them to a session module with `bind`. */
export class AccessPolicies {
  private readonly rows: Omit<AccessPolicy, "InvalidConnectionPolicy">[] = [
    {
      Id: 5,
      Name: "Linux administrators",
      Description: null,
      RoleId: 3,
      RoleName: "Operations",
      SessionProperties: { SessionModuleConnectionId: null, SessionConnectionPolicyRef: null },
    },
  ];

  constructor(private readonly modules: SessionModules) {}

  list(): AccessPolicy[] {
    return this.rows.map((row) => {
      const id = row.SessionProperties.SessionModuleConnectionId;
      const entry = this.modules.all().find((candidate) => candidate.row.Id === id);
      const policies = entry ? this.modules.connectionPolicies(entry) : [];
      return { ...row, InvalidConnectionPolicy: id !== null && policies.length === 0 };
    });
  }

  /** Binds all policies to a session module and one of its connection policies. */
  bind(sessionModuleConnectionId: number, sessionConnectionPolicyRef: string): void {
    for (const row of this.rows) {
      row.SessionProperties = {
        SessionModuleConnectionId: sessionModuleConnectionId,
        SessionConnectionPolicyRef: sessionConnectionPolicyRef,
      };
    }
  }
}
