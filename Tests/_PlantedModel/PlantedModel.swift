@_exported import HeadSteerTesting
