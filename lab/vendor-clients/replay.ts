import { after, before } from "mocha";
import { Lab, type LabOptions } from "../lab";
import { Wire } from "./wire";

/** A lab of one suite with a connection to each appliance. */
export class Replay {
  constructor(readonly lab: Lab) {
    this.spp = new Wire(lab.description.spp);
    this.sps = new Wire(this.spsDescription);
  }

  /** The connections. They keep cookies, so a client with a new web session needs `newSps`. */
  readonly spp: Wire;
  sps: Wire;

  get spsDescription() {
    const [first] = this.lab.description.sps;
    if (!first) throw new Error("the lab has no SPS");
    return first;
  }

  /** Starts a new web session on SPS. */
  async newSps(): Promise<Wire> {
    await this.sps.close();
    this.sps = new Wire(this.spsDescription);
    return this.sps;
  }

  /** A user token of an SPP account, from the password grant. */
  async userToken(): Promise<string> {
    const { username, password } = this.lab.description.spp;
    const headers = { "content-type": "application/json" };
    const scope = "rsts:sts:primaryproviderid:local";
    const grant = JSON.stringify({ grant_type: "password", username, password, scope });
    const sts = (await this.spp.send("POST /RSTS/oauth2/token", { headers, body: grant })).json;
    const body = JSON.stringify({ StsAccessToken: (sts as { access_token: string }).access_token });
    const answer = await this.spp.send("POST /service/core/v4/Token/LoginResponse", { headers, body });
    return (answer.json as { UserToken: string }).UserToken;
  }

  async stop(): Promise<void> {
    await this.spp.close();
    await this.sps.close();
    await this.lab.stop();
  }
}

/** Starts a lab before the suite, on a fast clock and with the password grant, and stops it afterwards. */
export function withReplay(options: LabOptions, assign: (replay: Replay) => void | Promise<void>): void {
  let replay: Replay;
  before(async () => {
    const name = `replay-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
    const lab = await Lab.start({
      name,
      spsCount: 1,
      network: false,
      speed: 120,
      ...options,
      spp: {
        passwordGrant: true,
        roles: ["ApplianceAdmin", "OperationsAdmin", "PolicyAdmin", "Auditor"],
        ...options.spp,
      },
    });
    replay = new Replay(lab);
    await assign(replay);
  });
  after(() => replay.stop());
}
