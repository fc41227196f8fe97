// HeadSteer
