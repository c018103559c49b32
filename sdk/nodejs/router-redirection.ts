import type * as pulumi from "@pulumi/pulumi";
import { routerRedirectionStub } from "../../provider/dynamic/stubs";
import type { RouterRedirectionInputs } from "../../provider/resources/router-redirection/schema";
import { type InputMembers, withSecrets } from "./inputs";
import { outputs, RouterRedirectionOutputs, secrets } from "./outputs/router-redirection";

/** Arguments of RouterRedirection; see docs/resources/router-redirection.md for every field. */
export type RouterRedirectionArgs = InputMembers<RouterRedirectionInputs>;

/** The redirection of chosen TCP traffic through SPS on one router; see docs/resources/router-redirection.md. */
export class RouterRedirection extends RouterRedirectionOutputs {
  constructor(name: string, args: RouterRedirectionArgs, options?: pulumi.CustomResourceOptions) {
    super(routerRedirectionStub, "RouterRedirection", name, { ...withSecrets(args, secrets), ...outputs }, options);
  }
}
