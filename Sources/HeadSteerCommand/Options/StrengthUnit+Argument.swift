import ArgumentParser
import Intervention

extension StrengthUnit: ExpressibleByArgument {}
