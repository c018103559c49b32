import { refusals } from "./api-error";

/** `Setting` of the API; all values are text. */
export interface Setting {
  Name: string;
  Category: string;
  Value: string;
  DefaultValue: string;
  MinValue: number | null;
  MaxValue: number | null;
  Options: { Value: string; Description: string }[];
}

/** The setting with the allowed OAuth2 grant types. */
export const GRANT_TYPES = "Allowed OAuth2 Grant Types";
const LIFETIME = "Token Lifetime";

/** The settings that concern logins. Names are case-insensitive. */
export class Settings {
  private readonly settings: Setting[];

  constructor(passwordGrant: boolean) {
    this.settings = [
      {
        Name: GRANT_TYPES,
        Category: "Login",
        Value: passwordGrant ? "ResourceOwner" : "",
        DefaultValue: "",
        MinValue: null,
        MaxValue: null,
        Options: ["AuthorizationCode", "Implicit", "ResourceOwner", "DeviceCode"].map((value) => ({
          Value: value,
          Description: value,
        })),
      },
      {
        Name: LIFETIME,
        Category: "Login",
        Value: "86400",
        DefaultValue: "86400",
        MinValue: 600,
        MaxValue: 1_728_000,
        Options: [],
      },
      ...["Bad Password", "Unknown User", "Locked Account"].map((reason) => ({
        Name: `Inform User of ${reason}`,
        Category: "Login",
        Value: "False",
        DefaultValue: "False",
        MinValue: null,
        MaxValue: null,
        Options: [
          { Value: "True", Description: "True" },
          { Value: "False", Description: "False" },
        ],
      })),
    ];
  }

  list(): readonly Setting[] {
    return this.settings;
  }

  /** @throws ApiError 404 when the setting does not exist. */
  get(name: string): Setting {
    const setting = this.settings.find((candidate) => candidate.Name.toLowerCase() === name.toLowerCase());
    if (!setting) throw refusals.notFound();
    return setting;
  }

  /** @throws ApiError 404 for an unknown name, 400 for an invalid value. */
  set(name: string, value: string): Setting {
    const setting = this.get(name);
    if (setting.MinValue !== null && setting.MaxValue !== null) {
      const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
      if (!(number >= setting.MinValue && number <= setting.MaxValue)) {
        throw refusals.unbindable("entity.Value", "The value is out of range.");
      }
    } else if (value !== "") {
      const options = setting.Options.map((option) => option.Value.toLowerCase());
      for (const item of value.split(",")) {
        if (!options.includes(item.trim().toLowerCase())) throw refusals.enumInvalid("Value");
      }
    }
    setting.Value = value;
    return setting;
  }

  /** Whether a grant type is allowed. */
  allowsGrant(grantType: "ResourceOwner" | "DeviceCode" | "Implicit"): boolean {
    const allowed = this.get(GRANT_TYPES).Value.split(",");
    return allowed.some((item) => item.trim().toLowerCase() === grantType.toLowerCase());
  }

  /** Whether a refused login gets this reason. */
  informsUserOf(reason: "Bad Password" | "Unknown User" | "Locked Account"): boolean {
    return this.get(`Inform User of ${reason}`).Value.toLowerCase() === "true";
  }

  get tokenLifetimeSeconds(): number {
    return Number(this.get(LIFETIME).Value);
  }
}
