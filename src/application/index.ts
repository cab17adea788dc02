/** The door of the application layer. */
export { type BatchFile, parseBatchFile } from './batch-file.ts';
export { withinTime } from './deadline.ts';
export { applicationErrors } from './errors.ts';
export { signManifest, verifyManifest } from './manifest.ts';
export { type PluginPorts, pluginPorts } from './plugin-ports.ts';
export { type Registry, type RegistryOptions, registry } from './registry.ts';
export type * from './task-api.ts';
export { createTaskApi, type TaskServiceOptions } from './task-service.ts';
export { type BuiltApp, buildApp } from './toolchain/build.ts';
export {
  type CheckedUnit,
  checkApp,
  type LocalBatch,
  type LocalResult,
  runLocally,
} from './toolchain/run-locally.ts';
export { scaffoldApp } from './toolchain/scaffold.ts';
