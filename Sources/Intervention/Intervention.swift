// Intervention
