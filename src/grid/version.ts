/** The version that the daemon, the API and `conun --version` tell: the package's own. */

import manifest from '../../package.json' with { type: 'json' };

export const VERSION: string = manifest.version;
