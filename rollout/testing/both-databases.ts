import { after, before, describe, type Suite } from "mocha";
import { skipTests } from "../../tests/contract/skip";
import { PostgresServer } from "./postgres-server";

type Kind = "the embedded database" | "PostgreSQL";
/** The server of a suite while it runs; undefined for the embedded database, which each bed starts itself. */
type Server = () => PostgresServer | undefined;

/** Describes one suite for each kind of database. Without a PostgreSQL server, its suite is skipped, and says so. */
export function onBothDatabases(title: string, suite: (this: Suite, server: Server, kind: Kind) => void): void {
  for (const kind of ["the embedded database", "PostgreSQL"] as const) {
    describe(`${title} on ${kind}`, function () {
      let server: PostgresServer | undefined;
      before(async function () {
        if (kind !== "PostgreSQL") return;
        if (PostgresServer.installed() === undefined)
          return skipTests(this, "there is no PostgreSQL server; install the package postgresql");
        server = await PostgresServer.start();
      });
      suite.call(this, () => server, kind);
      // After what the suite stops itself.
      after(async () => {
        await server?.stop();
      });
    });
  }
}
