import type { dynamic } from "@pulumi/pulumi";

/*
 * What Pulumi serializes into every user's state, and evaluates again on refresh and destroy for as long as that state
 * lives. So each stub is constant text: it captures nothing, names only the package's stable entry point, and is never
 * changed; all behaviour is behind that entry point. A test compares the serialized text with the recorded one.
 */

export const spsClusterStub: dynamic.ResourceProvider = {
  async configure(request) {
    return require("pulumi-safeguard/dynamic-host").SpsCluster.configure(request);
  },
  async check(olds, news) {
    return require("pulumi-safeguard/dynamic-host").SpsCluster.check(olds, news);
  },
  async diff(id, olds, news) {
    return require("pulumi-safeguard/dynamic-host").SpsCluster.diff(id, olds, news);
  },
  async create(inputs) {
    return require("pulumi-safeguard/dynamic-host").SpsCluster.create(inputs);
  },
  async read(id, props) {
    return require("pulumi-safeguard/dynamic-host").SpsCluster.read(id, props);
  },
  async update(id, olds, news) {
    return require("pulumi-safeguard/dynamic-host").SpsCluster.update(id, olds, news);
  },
  async delete(id, props) {
    return require("pulumi-safeguard/dynamic-host").SpsCluster.delete(id, props);
  },
};

export const sppJoinStub: dynamic.ResourceProvider = {
  async configure(request) {
    return require("pulumi-safeguard/dynamic-host").SppJoin.configure(request);
  },
  async check(olds, news) {
    return require("pulumi-safeguard/dynamic-host").SppJoin.check(olds, news);
  },
  async diff(id, olds, news) {
    return require("pulumi-safeguard/dynamic-host").SppJoin.diff(id, olds, news);
  },
  async create(inputs) {
    return require("pulumi-safeguard/dynamic-host").SppJoin.create(inputs);
  },
  async read(id, props) {
    return require("pulumi-safeguard/dynamic-host").SppJoin.read(id, props);
  },
  async update(id, olds, news) {
    return require("pulumi-safeguard/dynamic-host").SppJoin.update(id, olds, news);
  },
  async delete(id, props) {
    return require("pulumi-safeguard/dynamic-host").SppJoin.delete(id, props);
  },
};

export const routerRedirectionStub: dynamic.ResourceProvider = {
  async configure(request) {
    return require("pulumi-safeguard/dynamic-host").RouterRedirection.configure(request);
  },
  async check(olds, news) {
    return require("pulumi-safeguard/dynamic-host").RouterRedirection.check(olds, news);
  },
  async diff(id, olds, news) {
    return require("pulumi-safeguard/dynamic-host").RouterRedirection.diff(id, olds, news);
  },
  async create(inputs) {
    return require("pulumi-safeguard/dynamic-host").RouterRedirection.create(inputs);
  },
  async read(id, props) {
    return require("pulumi-safeguard/dynamic-host").RouterRedirection.read(id, props);
  },
  async update(id, olds, news) {
    return require("pulumi-safeguard/dynamic-host").RouterRedirection.update(id, olds, news);
  },
  async delete(id, props) {
    return require("pulumi-safeguard/dynamic-host").RouterRedirection.delete(id, props);
  },
};

export const joinGuardStub: dynamic.ResourceProvider = {
  async configure(request) {
    return require("pulumi-safeguard/dynamic-host").JoinGuard.configure(request);
  },
  async check(olds, news) {
    return require("pulumi-safeguard/dynamic-host").JoinGuard.check(olds, news);
  },
  async diff(id, olds, news) {
    return require("pulumi-safeguard/dynamic-host").JoinGuard.diff(id, olds, news);
  },
  async create(inputs) {
    return require("pulumi-safeguard/dynamic-host").JoinGuard.create(inputs);
  },
  async read(id, props) {
    return require("pulumi-safeguard/dynamic-host").JoinGuard.read(id, props);
  },
  async update(id, olds, news) {
    return require("pulumi-safeguard/dynamic-host").JoinGuard.update(id, olds, news);
  },
  async delete(id, props) {
    return require("pulumi-safeguard/dynamic-host").JoinGuard.delete(id, props);
  },
};
