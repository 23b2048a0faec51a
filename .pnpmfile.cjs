// The docs page needs one self-contained file of this package; its 269 dependencies are for other uses of it.
function readPackage(pkg) {
  if (pkg.name === '@scalar/api-reference') pkg.dependencies = {}
  return pkg
}

module.exports = { hooks: { readPackage } }
